import t from 'tap'
import { NameAddresses } from '../../../lib/egress/names.ts'

const most = 16_382

t.test('each name has an address of its own, and keeps it', async (t) => {
  const names = new NameAddresses()
  t.equal(names.addressOf('a.example'), '22.64.0.1')
  t.equal(names.addressOf('b.example'), '22.64.0.2')
  t.equal(names.addressOf('a.example'), '22.64.0.1')
  t.equal(names.nameOf('22.64.0.2'), 'b.example')
  for (const address of ['127.0.0.1', '22.64.0.0', '22.64.0.3', '::1', '']) t.equal(names.nameOf(address), null)
})

t.test('when there are too many, the oldest makes room, and not before an answer may be forgotten', async (t) => {
  let nowMs = 0
  const names = new NameAddresses(() => nowMs)
  for (let index = 0; index < most; index++) names.addressOf(`${index}.example`)
  t.equal(names.addressOf('one.more'), null)
  nowMs = 10 * 60_000
  t.equal(names.addressOf('0.example'), '22.64.0.1', 'asked for again, it is new')
  t.equal(names.addressOf('one.more'), '22.64.0.2')
  t.equal(names.nameOf('22.64.0.2'), 'one.more')
})

t.test('who goes to an address of ours means the name, and one that stands for none is nowhere', async (t) => {
  const names = new NameAddresses()
  names.addressOf('a.example')
  const at = (name: string) => ({ host: { kind: 'address', name } as const, port: 443 })
  t.strictSame(names.meant(at('22.64.0.1')), { host: { kind: 'name', name: 'a.example' }, port: 443 })
  for (const address of ['22.64.0.2', '22.64.63.255']) t.equal(names.meant(at(address)), null)
  for (const address of ['22.64.64.0', '22.63.255.255', '1.1.1.1', '::1'])
    t.strictSame(names.meant(at(address)), at(address))
  const named = { host: { kind: 'name', name: 'b.example' } as const, port: 1 }
  t.strictSame(names.meant(named), named)
})
