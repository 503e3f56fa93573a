import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Identities } from '../../../lib/sandbox/identity.ts'
import { makeTree } from './tree.ts'

t.test('a name keeps its uid over restarts, and no two names have the same', async (t) => {
  const state = join(makeTree(t, {}), 'state')
  const names = Array.from({ length: 40 }, (_, index) => `server-${index}`)
  const first = await identities(state).stable('server-0')
  const one = identities(state)
  const uids = await Promise.all(names.map((name) => one.stable(name)))
  t.equal(uids[0], first)
  t.equal(new Set(uids).size, names.length)
  t.same(await Promise.all(names.map((name) => identities(state).stable(name))), uids)
  t.equal(statSync(join(state, 'uids.json')).mode & 0o777, 0o600)
})

t.test('uids stay in the range, and a full range is an error', async (t) => {
  const state = join(makeTree(t, {}), 'state')
  const three = new Identities(state, [61_500, 61_502])
  const uids = [await three.stable('a'), await three.stable('b'), await three.stable('c')]
  t.same(uids.sort(), [61_500, 61_501, 61_502])
  await t.rejects(three.stable('d'), { code: 'SANDBOX_ERROR', hint: /uid_range/ })
  t.equal(
    await three.stable('a'),
    JSON.parse(readFileSync(join(state, 'uids.json'), 'utf8')).a,
    'a known name still has its own',
  )
})

t.test('a uid outside of a changed range is given up', async (t) => {
  const state = makeTree(t, { 'uids.json': '{"a":70000}' })
  t.equal(await new Identities(state, [61_500, 61_500]).stable('a'), 61_500)
})

t.test('a uid that an account or a group of this host has got by now is refused, and none is given out', async (t) => {
  // The account nobody, or the group of that number.
  const state = makeTree(t, { 'uids.json': '{"a":65534}' })
  const one = new Identities(state, [65_534, 65_535])
  await t.rejects(one.stable('a'), { code: 'SANDBOX_ERROR', message: /65534 of the server a belongs to an account/ })
  t.equal(await one.stable('b'), 65_535)
})

t.test('a passing uid is none that a server has', async (t) => {
  const state = makeTree(t, { 'uids.json': '{"a":61500}' })
  t.equal(await new Identities(state, [61_500, 61_501]).random(), 61_501)
})

t.test('a uid that is chosen is of the range, and nobody else has it', async (t) => {
  const some = new Identities(makeTree(t, { 'uids.json': '{"a":65533}' }), [65_533, 65_535])
  t.equal(await some.chosen(65_535), 65_535)
  for (const taken of [65_533, 65_534])
    await t.rejects(some.chosen(taken), { code: 'INVALID_REQUEST', message: /in use/ })
  for (const odd of [0, 1000, 65_532, 65_536, 65_534.5, Number.NaN]) {
    await t.rejects(some.chosen(odd), { code: 'INVALID_REQUEST', message: /not from 65533 to 65535/ })
  }
})

t.test('a file that cannot be understood is an error, not a new start', async (t) => {
  const state = makeTree(t, {})
  for (const text of ['{', '{"a":"x"}', '{"a":1.5}']) {
    writeFileSync(join(state, 'uids.json'), text)
    await t.rejects(identities(state).stable('a'), { code: 'IO_ERROR' })
  }
})

function identities(state: string): Identities {
  return new Identities(state, [61_184, 65_519])
}
