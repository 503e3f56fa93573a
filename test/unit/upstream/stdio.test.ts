/** Servers that end, fall silent or write what nobody asked for: each call has one outcome, and it says why. */
import t, { type Test } from 'tap'
import { notificationOf } from '../../../lib/upstream/outgoing.ts'
import { type LoneCopy, loneCopy, type Outcome } from '../../support/lone-copy.ts'

const answer = (id: string, result = '{}') => `{"jsonrpc":"2.0","id":${id},"result":${result}}\n`

async function copyFor(t: Test, maxMessageBytes?: number): Promise<LoneCopy> {
  const copy = await loneCopy(maxMessageBytes)
  t.teardown(() => copy.puppet.die())
  return copy
}

t.test(
  'whichever byte a server dies after, a call has its answer when that was whole, and else an error',
  async (t) => {
    const head = `{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"\xc3\xa9"}}\nnoise\n`
    const first = answer('1', '{"text":"caf\xc3\xa9 \\ud83d\\ude00"}')
    const transcript = `${head}${first}${answer('7')}{"jsonrpc":"2.0","id":2,"error":{"code":1,"message":"no"}}\n`
    const wholeAt = [head.length + first.length, transcript.length]
    for (let cut = 0; cut <= transcript.length; cut += 1) {
      const { puppet, instance, call, outcomes } = await loneCopy()
      const calls = [call(), call()]
      puppet.write(transcript.slice(0, cut))
      puppet.die()
      await instance.closed
      const settled = await Promise.all(calls)
      const expected = wholeAt.map((whole) => cut >= whole)
      const isRight =
        settled.every(({ answer, error }, index) => (answer !== undefined) === expected[index] && says(error)) &&
        [...outcomes.values()].every((told) => told.length === 1)
      if (!isRight) t.fail(`cut behind byte ${cut}`, { settled, expected })
    }
    t.pass(`${transcript.length + 1} deaths`)
  },
)

function says(error: Outcome['error']): boolean {
  return error === undefined || (error.code === 'TRANSPORT_ERROR' && error.message.length > 10)
}

t.test('a server that closes its output and lives on fails its calls, and is ended', async (t) => {
  const { puppet, call, instance } = await copyFor(t)
  const waiting = call()
  puppet.closeStdout()
  t.match(await waiting, { error: { code: 'TRANSPORT_ERROR', message: /"fix" closed its output/ } })
  await puppet.gone
  t.match(await instance.closed, { message: /closed its output/ })
  t.throws(() => call(), { code: 'TRANSPORT_ERROR' })
})

t.test('a server that closes its input and lives on fails the calls that it cannot hear, and is ended', async (t) => {
  const { puppet, call } = await copyFor(t)
  puppet.closeStdin()
  t.match(await call(), { error: { code: 'TRANSPORT_ERROR', message: /"fix" closed its input/ } })
  await puppet.gone
})

t.test('a server that exits is told by its exit, though its input broke first', async (t) => {
  const { puppet, call } = await copyFor(t)
  puppet.closeStdin()
  const waiting = call()
  puppet.write(answer('1', '{"last":1}'))
  puppet.closeStdout()
  puppet.exit(3)
  t.match(await waiting, { answer: '{"last":1}' }, 'what it said before still counts')
})

t.test('what a server wrote before it died is read, though a message to it is lost meanwhile', async (t) => {
  const { puppet, instance, call, outcomes } = await copyFor(t)
  const waiting = call()
  instance.pause()
  puppet.write(answer('1', '{"last":1}'))
  puppet.die()
  instance.send(notificationOf('notifications/roots/list_changed'))
  // Reading comes later than the news of the broken input, as it may on a busy machine.
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  instance.resume()
  t.match(await waiting, { answer: '{"last":1}' })
  t.equal(outcomes.size, 1)
})

t.test('what a server leaves behind may hold its pipes: its exit fails the calls all the same', async (t) => {
  const { puppet, call, instance } = await copyFor(t)
  const waiting = call()
  puppet.exit(3)
  t.match(await waiting, { error: { code: 'TRANSPORT_ERROR', message: /exited with code 3/ } })
  await instance.closed
})

t.test('a server that does not read gets so much and no more; its calls end in time', async (t) => {
  const { puppet, call, instance, lines } = await copyFor(t)
  puppet.ignoreStdin()
  const calls: Promise<Outcome>[] = []
  const params = JSON.stringify({ padding: 'x'.repeat(900) })
  const fill = async (): Promise<void> => {
    for (let count = 0; count < 1000; count += 1) {
      calls.push(call(params, 300))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await t.rejects(fill(), { code: 'TOO_MANY', message: /a server that does not read its input/ })
  t.ok(
    calls.length > 3 && calls.length < 200,
    `${calls.length} calls of 1 KiB got in: the pipe's 64 KiB and two messages at most`,
  )
  for (const outcome of await Promise.all(calls)) t.match(outcome, { error: { code: 'TIMEOUT' } })
  instance.send({ pieces: [Buffer.from('{}')], hasLineBreaks: false })
  t.ok(lines.some(({ text }) => text.startsWith('a message was dropped')))
  t.ok(instance.alive)
})

t.test('a line without end ends its server, one with an end its call alone', async (t) => {
  const { puppet, call } = await copyFor(t, 1000)
  const long = call()
  puppet.write(answer('1', `"${'x'.repeat(3500)}"`))
  t.match(await long, { error: { message: /longer than 1000 bytes/ } })
  const lost = call()
  puppet.write(`{"jsonrpc":"2.0","id":2,"result":"${'x'.repeat(3500)}`)
  puppet.write('x'.repeat(1000))
  t.match(await lost, { error: { message: /wrote more than 4000 bytes without the end of a line/ } })
  await puppet.gone
})

t.test('answers that nobody waits for are dropped, however their id is spelt; the log is not flooded', async (t) => {
  const { puppet, call, outcomes, lines, instance } = await copyFor(t)
  const strays = [
    '0',
    '2',
    '-1',
    '"1"',
    '"__proto__"',
    '"constructor"',
    '9007199254740993',
    '1e400',
    '-0',
    '1.5',
    'null',
  ]
  const waiting = call()
  for (const id of strays) puppet.write(answer(id, '"stray"').repeat(20))
  puppet.write(answer('1', '"mine"') + answer('1', '"second"'))
  t.match(await waiting, { answer: '"mine"' })
  const next = call()
  puppet.write(answer('2', '"next"'))
  t.match(await next, { answer: '"next"' })
  t.same([...outcomes.values()].flat(), [{ answer: '"mine"' }, { answer: '"next"' }])
  t.ok(instance.alive)
  t.ok(lines.length > 0 && lines.length <= 20, `${lines.length} lines`)
})

t.test('what is no JSON-RPC message is dropped, and never searched for one', async (t) => {
  const { puppet, call, lines, instance } = await copyFor(t)
  const heard: string[] = []
  instance.onServerMessage = (message) => void heard.push(Buffer.concat(message.pieces).toString('latin1'))
  const inner = answer('1', '"smuggled"').trim()
  const asked = '{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage"}'
  const frames = [
    `log: ${inner}`,
    `${inner}${inner}`,
    `[${inner}]`,
    `"${inner.replaceAll('"', '\\"')}"`,
    `\xef\xbb\xbf${inner}`,
    `${inner.slice(0, -1)},"id":1}`,
    inner.replace('"smuggled"', '"\xff"'),
    inner.replace('"smuggled"', '"\0"'),
    `{"params":${asked}}`,
    `\0${asked}`,
    asked.replace('"id":1', '"id":null'),
    asked.replace('"id":1', '"id":1.5'),
    asked.replace('"id":1', '"id":{}'),
    asked.replace('"method"', '"result":{},"method"'),
    `${asked.slice(0, -1)},"method":"x"}`,
    '{"level":30,"method":"GET","params":{}}',
    '[]',
    '{}',
    'null',
  ]
  const waiting = call()
  for (const frame of frames) puppet.write(`${frame}\n`)
  // An answer with a fault of its own has told its waiter: the call is over.
  const outcome = await waiting
  t.match(outcome, { error: { code: 'TRANSPORT_ERROR', message: /The answer of "fix" was not a valid message/ } })
  const next = call()
  puppet.write(answer('2', '"good"'))
  t.match(await next, { answer: '"good"' })
  const last = call()
  puppet.write('{"id":3,"result":{}}\n')
  t.match(await last, { error: { message: /was not a valid message \(shape\)/ } })
  t.same(heard, [])
  t.ok(lines.length <= 10, `${lines.length} lines`)
})
