/** One call of a modern client at a legacy server, and what the server asks during it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import t from 'tap'
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
  for (const name of ['a', 'b', 'c']) {
    copy.write(question(name))
    await sleep(4)
  }
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

t.test('a server that never stops asking does not keep its client waiting', async (t) => {
  const stand = standFor(t)
  const { answer } = stand.ask()
  const { copy } = await stand.reached()
  let count = 0
  const asking = setInterval(() => copy.write(question(`q${count++}`)), 5)
  const { result } = await answer
  clearInterval(asking)
  const asked = Object.keys(result.inputRequests).length
  t.ok(asked > 1 && asked < 64, `${asked} questions`)
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
  while (asked.events.length === 0) await sleep(1)
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
