import t from 'tap'
import { NameAddresses } from '../../../lib/egress/names.ts'

const most = 16_384

t.test('each name has an address of its own, and keeps it', async (t) => {
  const names = new NameAddresses()
  t.equal(names.addressOf('a.example'), '127.64.0.1')
  t.equal(names.addressOf('b.example'), '127.64.0.2')
  t.equal(names.addressOf('a.example'), '127.64.0.1')
  t.equal(names.nameOf('127.64.0.2'), 'b.example')
  for (const address of ['127.0.0.1', '127.64.0.0', '127.64.0.3', '::1', '']) t.equal(names.nameOf(address), null)
})

t.test('when there are too many, the oldest makes room, and not before an answer may be forgotten', async (t) => {
  let nowMs = 0
  const names = new NameAddresses(() => nowMs)
  for (let index = 0; index < most; index++) names.addressOf(`${index}.example`)
  t.equal(names.addressOf('one.more'), null)
  nowMs = 10 * 60_000
  t.equal(names.addressOf('0.example'), '127.64.0.1', 'asked for again, it is new')
  t.equal(names.addressOf('one.more'), '127.64.0.2')
  t.equal(names.nameOf('127.64.0.2'), 'one.more')
})
