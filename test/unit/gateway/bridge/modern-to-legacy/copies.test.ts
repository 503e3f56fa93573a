/** Which copy of a legacy server a modern client's call gets, and when copies end. */
import t, { type Test } from 'tap'
import { until } from '../../../../support/until.ts'
import { answerOf, openStand, question, type Request, retryOf, type Stand } from './stand.ts'

function standFor(t: Test, ...options: Parameters<typeof openStand>): Stand {
  const stand = openStand(...options)
  t.teardown(() => stand.stop())
  return stand
}

/** The copy that a call reached, which was answered. */
async function copyOf(stand: Stand, request: Request = {}) {
  const { answer } = stand.ask(request)
  const { copy, id } = await stand.reached()
  copy.write(answerOf(id))
  await answer
  return copy
}

t.test('calls of one client that follow each other reach the same copy', async (t) => {
  const stand = standFor(t)
  t.equal(await copyOf(stand), await copyOf(stand))
})

t.test('a copy that was used alone is not used for another principal or another program', async (t) => {
  for (const sharing of ['auto', 'shared'] as const) {
    const stand = standFor(t, { sharing })
    const first = await copyOf(stand)
    t.not(await copyOf(stand, { principal: 'you' }), first)
    t.not(await copyOf(stand, { client: 'other' }), first)
    t.equal(await copyOf(stand), first)
  }
})

t.test('a question that comes after the answer is refused, and never put to the next call', async (t) => {
  const stand = standFor(t)
  const { answer } = stand.ask()
  const { copy, id } = await stand.reached()
  copy.write(answerOf(id) + question('late'))
  await answer
  const next = stand.ask()
  const reached = await stand.reached()
  t.not(reached.copy, copy, 'a copy that asks by itself is not used again')
  t.match(JSON.parse(await copy.next()), { id: 'late', error: { message: /no call is open/ } })
  await copy.gone
  reached.copy.write(answerOf(reached.id))
  t.match(await next.answer, { result: { resultType: 'complete' } })
})

t.test('a copy that does not answer a ping is not used for what may be asked about', async (t) => {
  const stand = standFor(t, {}, undefined, { 'logging/setLevel': '{}' })
  const first = await copyOf(stand)
  const next = stand.ask()
  t.match(JSON.parse(await first.next()), { method: 'ping' })
  t.not((await stand.reached()).copy, first)
  next.leave()
})

t.test('a copy runs ahead, which knows no client until it is used', async (t) => {
  const stand = standFor(t)
  const first = await copyOf(stand)
  const ahead = await until(() => stand.all.at(-1) !== first && stand.all.at(-1))
  t.equal(await copyOf(stand, { client: 'other' }), ahead)
})

for (const [why, overrides] of [
  ['is shared', { sharing: 'shared' }],
  ['may have one more copy only', { maxInstances: 2 }],
] as const) {
  t.test(`no copy of a server that ${why} runs ahead`, async (t) => {
    const stand = standFor(t, overrides)
    const first = await copyOf(stand)
    t.equal(await copyOf(stand), first)
    t.equal(stand.all.at(-1), first)
    t.equal(stand.server.pool.size, 1)
  })
}

t.test('a copy whose call waited too long for its client is ended, and the server told why', async (t) => {
  const stand = standFor(t, {}, 5)
  const { answer } = stand.ask()
  const { copy, id } = await stand.reached()
  copy.write(question('a'))
  const { result } = await answer
  const params = { requestId: id, reason: 'the client did not answer in time' }
  t.match(JSON.parse(await copy.next()), { method: 'notifications/cancelled', params })
  await copy.gone
  t.equal(stand.parking.size, 0)
  t.match(await stand.ask({ params: retryOf(result) }).answer, { error: { message: /no longer waits/ } })
})

t.test('a copy whose call was answered while its client was away is free at once', async (t) => {
  const stand = standFor(t)
  const first = stand.ask()
  const { copy, id } = await stand.reached()
  copy.write(question('a'))
  await first.answer
  copy.write(answerOf(id))
  await copy.next()
  t.equal(await copyOf(stand), copy)
})

t.test('when the gateway ends, what waits for its client is ended at once, and nothing waits any more', async (t) => {
  const stand = standFor(t)
  const first = stand.ask()
  const { copy } = await stand.reached()
  copy.write(question('a'))
  await first.answer
  t.equal(stand.server.pool.callsInFlight, 1)
  const second = stand.ask()
  const other = await stand.reached()
  stand.parking.close()
  t.equal(stand.server.pool.callsInFlight, 1, 'the one that its client waits for')
  await copy.gone
  other.copy.write(question('b'))
  t.match(await second.answer, { error: { code: 'TRANSPORT_ERROR', message: /gateway is ending/ } })
  t.equal(stand.server.pool.callsInFlight, 0)
})

t.test('a call that waits goes on for its own principal only', async (t) => {
  const stand = standFor(t)
  const first = stand.ask()
  const { copy, id } = await stand.reached()
  copy.write(question('a'))
  const params = retryOf((await first.answer).result)
  const foreign = await stand.ask({ principal: 'you', params }).answer
  t.match(foreign, { error: { code: 'INVALID_PARAMS', message: /none that this gateway gave to this client/ } })
  const own = stand.ask({ params })
  t.match(JSON.parse(await copy.next()), { id: 'a', result: { action: 'accept' } }, 'and was not touched by the other')
  copy.write(answerOf(id))
  t.match(await own.answer, { result: { resultType: 'complete' } })
})
