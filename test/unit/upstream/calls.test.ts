import t from 'tap'
import { McpoError } from '../../../lib/errors.ts'
import { parseMessage } from '../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import { Calls } from '../../../lib/upstream/calls.ts'
import { scalarKey } from '../../../lib/upstream/scalar.ts'

const message = parseMessage([Buffer.from('{"jsonrpc":"2.0","id":1,"result":{}}')], scanChunkJs)

const quiet = { onTimeout() {}, onIdle() {}, isWaiting: () => false }

function listener() {
  const events: string[] = []
  return {
    events,
    onAnswer: () => void events.push('answer'),
    onFailure: (error: McpoError) => void events.push(error.code),
    onProgress: () => void events.push('progress'),
  }
}

t.test('an answer reaches its waiter once', async (t) => {
  const calls = new Calls(quiet)
  const waiter = listener()
  calls.add(1, null, null, waiter)
  t.equal(calls.answer(2, message), false)
  t.equal(calls.answer(1, message), true)
  t.equal(calls.answer(1, message), false)
  t.same(waiter.events, ['answer'])
})

t.test('progress reaches the call that has its token, until it is answered', async (t) => {
  const calls = new Calls(quiet)
  const waiter = listener()
  calls.add(1, '"t"', null, waiter)
  t.equal(calls.progress('"t"', message), true)
  t.equal(calls.progress('"u"', message), false)
  calls.answer(1, message)
  t.equal(calls.progress('"t"', message), false)
  t.same(waiter.events, ['progress', 'answer'])
})

t.test('a call that takes too long fails, and its server is to be told', async (t) => {
  const waiter = listener()
  const id = await new Promise((resolve) => {
    const keepAlive = setTimeout(() => {}, 1000)
    const onTimeout = (id: number) => {
      clearTimeout(keepAlive)
      resolve(id)
    }
    const calls = new Calls({ ...quiet, onTimeout })
    calls.add(7, null, { ms: 10 }, waiter)
  })
  t.equal(id, 7)
  t.same(waiter.events, ['TIMEOUT'])
})

t.test('a call does not time out while its server waits for the client', async (t) => {
  const waiter = listener()
  let asked = 0
  await new Promise<void>((resolve) => {
    const keepAlive = setTimeout(() => {}, 1000)
    const onTimeout = () => {
      clearTimeout(keepAlive)
      resolve()
    }
    const calls = new Calls({ onTimeout, onIdle() {}, isWaiting: () => ++asked < 4 })
    calls.add(7, null, { ms: 5 }, waiter)
  })
  t.equal(asked, 4)
  t.same(waiter.events, ['TIMEOUT'])
})

t.test('all that is in flight fails at once, and a forgotten call is told nothing', async (t) => {
  const calls = new Calls(quiet)
  const [one, two, forgotten] = [listener(), listener(), listener()]
  calls.add(1, null, null, one)
  calls.add(2, null, { ms: 60_000 }, two)
  calls.add(3, '3', null, forgotten)
  t.equal(calls.forget(3), true)
  calls.failAll(new McpoError('TRANSPORT_ERROR', 'gone'))
  t.same([one.events, two.events, forgotten.events, calls.size], [['TRANSPORT_ERROR'], ['TRANSPORT_ERROR'], [], 0])
})

t.test('one id has one key, however it is spelt; different ids have different keys', async (t) => {
  for (const same of [
    ['1', '1.0', '1e0'],
    ['"a"', '"\\u0061"'],
    ['-0', '0'],
  ])
    t.equal(new Set(same.map(scalarKey)).size, 1, same.join())
  t.equal(new Set(['1', '"1"', '"a"', '1.5', '"1.0"'].map(scalarKey)).size, 5)
})

t.test('who listens is told when the first call begins and the last one is over, and of none between', async (t) => {
  const told: boolean[] = []
  const calls = new Calls({ onTimeout() {}, isWaiting: () => false, onIdle: (isIdle) => void told.push(isIdle) })
  const listener = { onAnswer() {}, onFailure() {} }
  calls.add(1, null, null, listener)
  calls.add(2, null, null, listener)
  calls.forget(1)
  t.same(told, [false])
  calls.forget(2)
  t.same(told, [false, true])
})
