import { Readable } from 'node:stream'
import t from 'tap'
import { McpoError } from '../../../lib/errors.ts'
import { Flow } from '../../../lib/upstream/http/bodies.ts'
import { type Following, follow } from '../../../lib/upstream/http/follow.ts'
import type { RemoteAnswer } from '../../../lib/upstream/http/origin.ts'

// Waiting for the next connection keeps no process alive.
const alive = setInterval(() => {}, 1000)
t.teardown(() => clearInterval(alive))

/** One connection's worth of a stream. */
function stream(...events: string[]): RemoteAnswer {
  const body = Readable.from(events.map((event) => Buffer.from(event)))
  return { status: 200, mediaType: 'text/event-stream', header: () => undefined, body, discard() {} }
}

interface Followed {
  readonly data: string[]
  readonly asked: string[]
  readonly waitedMs: number[]
}

/** Follows a stream whose connections bring what `answers` has, one after another, until `last` came. */
async function followed(
  first: RemoteAnswer,
  answers: (RemoteAnswer | McpoError | null)[],
  last: string,
  resumable: Following['resumable'] = 'with-id',
): Promise<Followed> {
  const result: Followed = { data: [], asked: [], waitedMs: [] }
  let endedAt = performance.now()
  await follow(first, {
    flow: new Flow(),
    maxEventBytes: 1000,
    signal: AbortSignal.timeout(60_000),
    onData: (data) => {
      result.data.push(Buffer.concat(data).toString())
      endedAt = performance.now()
    },
    isDone: () => result.data.includes(last),
    async reopen(lastEventId) {
      result.asked.push(lastEventId)
      result.waitedMs.push(performance.now() - endedAt)
      const answer = answers.shift()
      if (answer instanceof McpoError) throw answer
      return answer ?? null
    },
    resumable,
  })
  return result
}

const overloaded = new McpoError('TRANSPORT_ERROR', 'busy', { data: { status: 503 } })
const cut = new McpoError('TRANSPORT_ERROR', 'cut')
const forgotten = new McpoError('TRANSPORT_ERROR', 'gone', { data: { status: 404 } })
const retry = 'retry: 1\n'

t.test('a stream that brings what is waited for is not asked for again', async (t) => {
  t.match(await followed(stream('data: a\n\n', 'data: end\n\n', 'data: more\n\n'), [], 'end'), {
    data: ['a', 'end'],
    asked: [],
  })
})

t.test('a stream goes on behind its last event, after the time that the server asks for', async (t) => {
  const answers = [stream('id: 2\ndata: b\n\n'), stream('data: end\n\n')]
  const result = await followed(stream('retry: 120\nid: 1\ndata: a\n\n'), answers, 'end')
  t.match(result, { data: ['a', 'b', 'end'], asked: ['1', '2'] })
  for (const waited of result.waitedMs) t.ok(waited >= 119, `${waited} ms`)
})

t.test('an event without data primes the stream: its id counts, and nothing is given', async (t) => {
  t.match(await followed(stream(`${retry}id: 0\ndata:\n\n`), [stream('data: end\n\n')], 'end'), {
    data: ['end'],
    asked: ['0'],
  })
})

t.test('without an id the rest of an answer cannot be had', async (t) => {
  await t.rejects(followed(stream('data: a\n\n'), [], 'end'), {
    message: /ended its stream of events without an answer/,
  })
})

t.test('an id that no header can carry is as none', async (t) => {
  await t.rejects(followed(stream('id: \u0001é\ndata: a\n\n'), [], 'end'), { message: /without an answer/ })
})

t.test('in the modern era nothing is resumed, id or not', async (t) => {
  await t.rejects(followed(stream('id: 1\ndata: a\n\n'), [], 'end', 'never'), { message: /without an answer/ })
})

t.test('a server that is busy or away is asked again, five times at most', async (t) => {
  const first = () => stream(`${retry}id: 1\n\n`)
  t.match(await followed(first(), [overloaded, cut, stream('data: end\n\n')], 'end'), { asked: ['1', '1', '1'] })
  await t.rejects(followed(first(), [cut, cut, cut, cut, overloaded, stream('data: end\n\n')], 'end'), {
    message: 'busy',
  })
})

t.test('a refusal is final', async (t) => {
  await t.rejects(followed(stream(`${retry}id: 1\n\n`), [forgotten, stream('data: end\n\n')], 'end'), {
    message: 'gone',
  })
  t.match(await followed(stream(`${retry}id: 1\n\n`), [null], 'end'), { data: [] })
})

t.test('a server that always hangs up without a word is given up', async (t) => {
  const answers = Array.from({ length: 20 }, () => stream())
  await t.rejects(followed(stream(`${retry}\n`), answers, 'end', 'always'), { message: /without an answer/ })
  t.ok(answers.length > 10)
})

t.test('an event that is too long ends it', async (t) => {
  await t.rejects(followed(stream(`data: ${'a'.repeat(2000)}\n\n`), [], 'end'), {
    message: /longer than a message may be/,
  })
})
