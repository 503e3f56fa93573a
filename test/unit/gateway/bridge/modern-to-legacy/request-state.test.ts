import t from 'tap'
import { RequestStates } from '../../../../../lib/gateway/bridge/modern-to-legacy/request-state.ts'
import { messageOf } from '../../../protocol/bridge/modern-to-legacy/spliced.ts'

const holder = { principal: 'p', server: 's' }
const requestOf = (params: string, method = 'tools/call') =>
  messageOf(`{"jsonrpc":"2.0","id":${params.length},"method":"${method}","params":${params}}`)
const request = requestOf('{"name":"a","arguments":{"x":1}}')
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

t.test('what was sealed is opened by whoever sealed it', (t) => {
  const states = new RequestStates()
  t.equal(states.open(states.close('a', request, holder), request, holder), 'a')
  t.not(states.close('a', request, holder), states.close('b', request, holder))
  t.throws(() => new RequestStates().open(states.close('a', request, holder), request, holder), {
    message: /none that this gateway gave/,
  })
  t.end()
})

t.test('a changed state is refused, whichever character was changed', (t) => {
  const states = new RequestStates()
  const sealed = states.close('a', request, holder)
  for (let at = 0; at < sealed.length; at += 1) {
    const other = alphabet[(alphabet.indexOf(sealed.charAt(at)) + 1) % alphabet.length]
    const changed = sealed.slice(0, at) + other + sealed.slice(at + 1)
    t.throws(() => states.open(changed, request, holder), { code: 'INVALID_PARAMS' })
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
    t.throws(() => states.open(text, request, holder), { code: 'INVALID_PARAMS' })
  }
  t.end()
})

t.test('a state goes with its principal and its server only', (t) => {
  const states = new RequestStates()
  const sealed = states.close('a', request, holder)
  for (const other of [
    { ...holder, principal: 'q' },
    { ...holder, server: 'z' },
  ])
    t.throws(() => states.open(sealed, request, other), { message: /none that this gateway gave/ })
  t.end()
})

t.test('a state goes with what a retry repeats: not with its id, its envelope and what it adds', (t) => {
  const states = new RequestStates()
  const sealed = states.close('a', request, holder)
  const added = '"_meta":{"progressToken":1},"requestState":"s","inputResponses":{}'
  t.equal(states.open(sealed, requestOf(`{"arguments":{"x":1},"name":"a",${added}}`), holder), 'a')
  for (const other of [
    requestOf('{"name":"a","arguments":{"x":2}}'),
    requestOf('{"name":"b","arguments":{"x":1}}'),
    requestOf('{"name":"a"}'),
    requestOf('{"name":"a","arguments":{"x":1},"more":1}'),
    requestOf('{"name":"a","arguments":{"x":1}}', 'prompts/get'),
  ])
    t.throws(() => states.open(sealed, other, holder), { message: /of another request/ })
  t.end()
})
