/** One call of a modern client at a legacy server, and what the server asks during it. */
import type { Test } from 'tap'
import t from 'tap'
import { until } from '../../../../support/until.ts'
import { answerOf, openStand, question, retryOf, type Stand } from './stand.ts'

function standFor(t: Test, ...options: Parameters<typeof openStand>): Stand {
  const stand = openStand(...options)
  t.teardown(() => stand.stop())
  return stand
}

const withdrawal = (requestId: string) =>
  `${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } })}\n`

t.test('questions that a server writes one after the other are asked together', async (t) => {
  const stand = standFor(t)
  const asked = stand.ask()
  const { copy, id } = await stand.reached()
  copy.write(question('a') + question('b') + question('c'))
  const { result } = await asked.answer
  t.match(result, { resultType: 'input_required' })
  t.same(
    Object.values(result.inputRequests).map((asked) => (asked as { params: { message: string } }).params.message),
    ['a', 'b', 'c'],
  )
  const again = stand.ask({ params: retryOf(result) })
  const heard = [await copy.next(), await copy.next(), await copy.next()].map((line) => JSON.parse(line).id)
  t.same(heard, ['a', 'b', 'c'])
  copy.write(answerOf(id))
  t.match(await again.answer, { result: { resultType: 'complete' } })
})

t.test('a server that dies right after asking fails the call, which waits for nobody', async (t) => {
  const stand = standFor(t)
  const { answer } = stand.ask()
  const { copy } = await stand.reached()
  copy.write(question('a'))
  copy.die()
  t.match(await answer, { error: { code: 'TRANSPORT_ERROR', message: /SIGKILL|closed its output/ } })
  t.equal(stand.parking.size, 0)
})

t.test('a server that answers right after asking is believed, and told that its question is moot', async (t) => {
  const stand = standFor(t)
  const { answer } = stand.ask()
  const { copy, id } = await stand.reached()
  copy.write(question('a') + answerOf(id, 'never mind'))
  t.match(await answer, { result: { resultType: 'complete', content: [{ text: 'never mind' }] } })
  t.match(JSON.parse(await copy.next()), { id: 'a', error: { message: /the call is over/ } })
  t.equal(stand.parking.size, 0)
})

t.test('a question that is taken back is not asked, and the call goes on', async (t) => {
  const stand = standFor(t)
  const { answer } = stand.ask()
  const { copy } = await stand.reached()
  copy.write(question('a') + withdrawal('a'))
  copy.write(question('b') + question('c') + withdrawal('b'))
  const { result } = await answer
  t.match(Object.values(result.inputRequests), [{ params: { message: 'c' } }])
})

t.test('a client that goes away while questions come in has cancelled its call', async (t) => {
  const stand = standFor(t)
  const asked = stand.ask()
  const { copy, id } = await stand.reached()
  const log = '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}\n'
  copy.write(question('a') + log)
  await until(() => asked.events.length > 0)
  asked.leave()
  const cancelled = { method: 'notifications/cancelled', params: { requestId: id } }
  t.match(JSON.parse(await copy.next()), cancelled)
  await copy.gone
  t.equal(stand.parking.size, 0)
})

t.test('what a server asks after its answer is refused, also when the client has not come back for it', async (t) => {
  const stand = standFor(t)
  const first = stand.ask()
  const { copy, id } = await stand.reached()
  copy.write(question('a'))
  const { result } = await first.answer
  copy.write(answerOf(id, 'could not wait') + question('b'))
  t.match(JSON.parse(await copy.next()), { id: 'a', error: { message: /the call is over/ } })
  t.match(JSON.parse(await copy.next()), { id: 'b', error: { message: /no call is open/ } })
  t.match(await stand.ask({ params: retryOf(result) }).answer, { result: { content: [{ text: 'could not wait' }] } })
})

t.test('an answer that is too long to be kept becomes an error', async (t) => {
  const stand = standFor(t)
  const first = stand.ask()
  const { copy, id } = await stand.reached()
  copy.write(question('a'))
  const { result } = await first.answer
  copy.write(answerOf(id, 'x'.repeat(1024 * 1024)))
  await copy.next()
  t.match(await stand.ask({ params: retryOf(result) }).answer, { error: { code: 'TOO_LARGE' } })
})

t.test('questions of one call are bounded in number and in bytes', async (t) => {
  const stand = standFor(t)
  const { answer } = stand.ask()
  const { copy } = await stand.reached()
  copy.write(Array.from({ length: 65 }, (_, index) => question(`q${index}`)).join(''))
  t.match(JSON.parse(await copy.next()), { id: 'q64', error: { message: /64 questions are open/ } })
  t.equal(Object.keys((await answer).result.inputRequests).length, 64)
  const other = stand.ask()
  const { copy: next } = await stand.reached()
  next.write(question('a', 'x'.repeat(600_000)) + question('b', 'y'.repeat(600_000)))
  t.match(JSON.parse(await next.next()), { id: 'b', error: { message: /longer than 1048576 bytes/ } })
  t.equal(Object.keys((await other.answer).result.inputRequests).length, 1)
})

const refusal = (id: number, elicitations: unknown, code = -32042) =>
  `${JSON.stringify({ jsonrpc: '2.0', id, error: { code, message: 'first go there', data: { elicitations } } })}\n`
const visit = { mode: 'url', message: 'go there', url: 'http://127.0.0.1/one', elicitationId: 'e' }
const both = { capabilities: { elicitation: { form: {}, url: {} } } }

t.test('a server that wants a URL to be visited first is asked again once the client agreed', async (t) => {
  const stand = standFor(t)
  const first = stand.ask(both)
  const { copy, id } = await stand.reached()
  copy.write(question('open') + refusal(id, [visit, { ...visit, url: 'http://127.0.0.1/two' }]))
  t.match(JSON.parse(await copy.next()), { id: 'open', error: { message: /the call is over/ } })
  const { result } = await first.answer
  t.match(result, { resultType: 'input_required', requestState: String })
  const [one = '', two = ''] = Object.keys(result.inputRequests)
  t.match(result.inputRequests[one], { method: 'elicitation/create', params: { ...visit } })
  const partly = { requestState: result.requestState, inputResponses: { [one]: { action: 'accept' } } }
  const rest = (await stand.ask({ ...both, params: partly }).answer).result
  t.same(Object.keys(rest.inputRequests), [two])
  const last = stand.ask({ ...both, params: retryOf(rest) })
  const again = await stand.reached()
  t.equal(again.copy, copy, 'which may remember the visit')
  t.not(again.id, id)
  t.notMatch(JSON.stringify(again.line), /requestState|inputResponses/)
  copy.write(refusal(again.id, [visit]))
  t.match(await last.answer, { result: { resultType: 'input_required' } }, 'as often as it wants')
  const other = stand.ask({ ...both, params: retryOf((await last.answer).result) })
  copy.write(answerOf((await stand.reached()).id, 'visited'))
  t.match(await other.answer, { result: { content: [{ text: 'visited' }] } })
  t.equal(stand.parking.size, 0)
})

t.test('a visit that the client does not agree to ends the call, and its server is not asked again', async (t) => {
  const stand = standFor(t)
  const first = stand.ask(both)
  const { copy, id } = await stand.reached()
  copy.write(refusal(id, [visit]))
  const { result } = await first.answer
  const [key = ''] = Object.keys(result.inputRequests)
  const params = { requestState: result.requestState, inputResponses: { [key]: { action: 'decline' } } }
  t.match(await stand.ask({ ...both, params }).answer, { error: { code: 'TRANSPORT_ERROR', hint: /agree/ } })
  const next = stand.ask(both)
  const reached = await stand.reached()
  t.equal(reached.copy, copy, 'the copy owes nothing')
  copy.write(answerOf(reached.id))
  t.match(await next.answer, { result: {} })
})

t.test('a client that cannot open URLs is told what it takes', async (t) => {
  const stand = standFor(t)
  for (const capabilities of [{ elicitation: {} }, { elicitation: { form: {} } }, { sampling: {} }]) {
    const { answer } = stand.ask({ capabilities })
    const { copy, id } = await stand.reached()
    copy.write(refusal(id, [visit]))
    const data = { requiredCapabilities: { elicitation: { url: {} } } }
    t.match(await answer, { error: { code: 'MISSING_CAPABILITY', data } })
  }
  const { answer } = stand.ask({ capabilities: { elicitation: { form: {} } } })
  const { copy, id } = await stand.reached()
  copy.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'q', method: 'elicitation/create', params: visit })}\n`)
  t.match(JSON.parse(await copy.next()), { id: 'q', error: { message: /did not declare "elicitation" for it/ } })
  copy.write(answerOf(id))
  t.match(await answer, { result: {} })
})

t.test('errors that only look like it are passed on', async (t) => {
  const stand = standFor(t)
  for (const [elicitations, code] of [
    [[], -32042],
    [[{ ...visit, mode: 'form' }], -32042],
    [[{ mode: 'url' }], -32042],
    ['none', -32042],
    [[visit], -32000],
  ] as const) {
    const { answer } = stand.ask(both)
    const { copy, id } = await stand.reached()
    copy.write(refusal(id, elicitations, code))
    t.match(await answer, { error: { code } })
  }
})
