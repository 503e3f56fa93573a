import t from 'tap'
import { maxParkedMs } from '../../../../../lib/gateway/bridge/modern-to-legacy/parking.ts'
import { digestOf, ensureSame, Sealer } from '../../../../../lib/gateway/bridge/modern-to-legacy/request-state.ts'
import { messageOf } from '../../../protocol/bridge/modern-to-legacy/spliced.ts'

const state = { id: 'a', principal: 'p', server: 's', digest: 'd' }
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

t.test('what was sealed is opened by whoever sealed it', (t) => {
  const sealer = new Sealer()
  t.strictSame(sealer.open(sealer.seal(state)), state)
  t.not(sealer.seal(state), sealer.seal(state))
  t.notMatch(Buffer.from(sealer.seal(state), 'base64url').toString('latin1'), 'principal')
  t.end()
})

t.test('a changed state is refused, whichever character was changed', (t) => {
  const sealer = new Sealer()
  const sealed = sealer.seal(state)
  for (let at = 0; at < sealed.length; at += 1) {
    const other = alphabet[(alphabet.indexOf(sealed.charAt(at)) + 1) % alphabet.length]
    const changed = sealed.slice(0, at) + other + sealed.slice(at + 1)
    t.throws(() => sealer.open(changed), { code: 'INVALID_PARAMS' })
  }
  for (const text of [
    '',
    'x',
    `${sealed}-TAMPERED`,
    `${sealed}=`,
    `${sealed}!`,
    ` ${sealed}`,
    sealed.slice(0, -1),
    'A'.repeat(100_000),
  ]) {
    t.throws(() => sealer.open(text), { code: 'INVALID_PARAMS' })
  }
  t.end()
})

t.test("another process's state is refused", (t) => {
  t.throws(() => new Sealer().open(new Sealer().seal(state)), /none that this gateway gave/)
  t.end()
})

t.test('a state is good for as long as a call waits', (t) => {
  let now = 0
  const sealer = new Sealer(() => now)
  const sealed = sealer.seal(state)
  now = maxParkedMs
  t.strictSame(sealer.open(sealed), state)
  now = maxParkedMs + 1
  t.throws(() => sealer.open(sealed), /expired/)
  t.end()
})

t.test('a state goes with its principal, its server and its request only', (t) => {
  ensureSame(state, { principal: 'p', server: 's', digest: 'd' })
  t.throws(() => ensureSame(state, { principal: 'q', server: 's', digest: 'd' }), /none that this gateway gave/)
  t.throws(() => ensureSame(state, { principal: 'p', server: 'z', digest: 'd' }), /none that this gateway gave/)
  t.throws(() => ensureSame(state, { principal: 'p', server: 's', digest: 'e' }), /of another request/)
  t.end()
})

t.test('the digest is of what a retry repeats: not of its id, its envelope and what it adds', (t) => {
  const digest = (params: string, method = 'tools/call') =>
    digestOf(messageOf(`{"jsonrpc":"2.0","id":${params.length},"method":"${method}","params":${params}}`))
  const first = digest('{"name":"a","arguments":{"x":1}}')
  t.equal(
    digest('{"arguments":{"x":1},"name":"a","_meta":{"progressToken":1},"requestState":"s","inputResponses":{}}'),
    first,
  )
  t.not(digest('{"name":"a","arguments":{"x":2}}'), first)
  t.not(digest('{"name":"b","arguments":{"x":1}}'), first)
  t.not(digest('{"name":"a"}'), first)
  t.not(digest('{"name":"a","arguments":{"x":1},"more":1}'), first)
  t.not(digest('{"name":"a","arguments":{"x":1}}', 'prompts/get'), first)
  t.end()
})
