import fc from 'fast-check'
import t from 'tap'
import { SseReader } from '../../../lib/protocol/sse-reader.ts'

interface Read {
  readonly events: { type: string; data: string }[]
  readonly id: string
  readonly retryMs: number | null
  readonly ok: boolean
}

function read(chunks: readonly (string | Buffer)[], maxEventBytes = 1000): Read {
  const events: Read['events'] = []
  const reader = new SseReader({
    maxEventBytes,
    onEvent: ({ type, data }) => events.push({ type, data: Buffer.concat(data).toString('latin1') }),
  })
  const ok = chunks.every((chunk) => reader.push(Buffer.from(chunk)))
  return { events, id: reader.lastEventId, retryMs: reader.retryMs, ok }
}

function dataOf(stream: string): string[] {
  return read([stream]).events.map(({ data }) => data)
}

t.test('an event ends with an empty line, and its type is "message" unless it says otherwise', async (t) => {
  t.strictSame(read(['data: a\n\nevent: endpoint\ndata: b\n\ndata: c\n\n']).events, [
    { type: 'message', data: 'a' },
    { type: 'endpoint', data: 'b' },
    { type: 'message', data: 'c' },
  ])
})

for (const [name, end] of [
  ['LF', '\n'],
  ['CR', '\r'],
  ['CRLF', '\r\n'],
] as const) {
  t.test(`lines end with ${name}`, async (t) => {
    t.strictSame(dataOf(['data: a', 'data: b', '', 'data: c', '', ''].join(end)), ['a\nb', 'c'])
  })
}

t.test('several data lines are joined by LF, empty ones included', async (t) => {
  t.strictSame(dataOf('data: a\ndata\ndata:\ndata: b\n\n'), ['a\n\n\nb'])
})

t.test('one space after the colon is no data, a second one is', async (t) => {
  t.strictSame(dataOf('data:a\n\ndata:  a\n\ndata: a:b\n\n'), ['a', ' a', 'a:b'])
})

t.test('comments, unknown fields and fields in another letter case are no data', async (t) => {
  t.strictSame(dataOf(': hello\n\nDATA: x\ndatas: y\nx\nlonger-name: z\n:\ndata: a\n\n'), ['a'])
})

t.test('an event without data is none, and yet its id counts', async (t) => {
  t.match(read(['id: 7\n\n']), { events: [], id: '7' })
  t.match(read(['id: 8\ndata:\n\n']), { events: [{ type: 'message', data: '' }], id: '8' })
})

t.test('an id counts once its event is whole, holds until the next, and an empty one takes it back', async (t) => {
  t.equal(read(['id: 1\ndata: a\n\nid: 2\ndata: b\n']).id, '1')
  t.equal(read(['id: 1\ndata: a\n\ndata: b\n\n']).id, '1')
  t.equal(read(['id: 1\n\nid\n\n']).id, '')
})

t.test('an id with NUL is ignored, one that is too long is as none', async (t) => {
  t.equal(read(['id: 1\n\nid: a\0b\n\n']).id, '1')
  t.equal(read([`id: 1\n\nid: ${'a'.repeat(1025)}\n\n`], 5000).id, '')
})

t.test('retry is a number of milliseconds, or nothing', async (t) => {
  t.equal(read(['retry: 1500\n']).retryMs, 1500)
  t.equal(read(['retry: 1500\nretry: soon\nretry: -1\nretry: 1e3\nretry: 99999999999\n']).retryMs, 1500)
})

t.test('one byte order mark at the start is left out, later ones are not', async (t) => {
  t.strictSame(dataOf('\ufeffdata: a\n\n'), ['a'])
  t.strictSame(dataOf('\ufeff: comment\ndata: a\n\n'), ['a'])
  t.strictSame(dataOf('data: a\n\n\ufeffdata: b\n\n'), ['a'])
})

t.test('data are the bytes that came, valid UTF-8 or not', async (t) => {
  const bytes = Buffer.from([0x00, 0xff, 0xc3, 0xe2, 0x80, 0xa8])
  const { events } = read([Buffer.concat([Buffer.from('data:'), bytes, Buffer.from('\n\n')])])
  t.equal(events[0]?.data, bytes.toString('latin1'))
})

t.test('an event that the stream breaks off is dropped', async (t) => {
  t.strictSame(dataOf('data: a\n\ndata: b\n'), ['a'])
})

t.test('an event may be as long as the limit, and no longer, in one line or in many', async (t) => {
  t.match(read([`data: ${'a'.repeat(94)}\n\n`], 100), { ok: true, events: [{ type: 'message' }] })
  t.match(read([`data: ${'a'.repeat(95)}\n\n`], 100), { ok: false, events: [] })
  t.match(read(['data: a\n'.repeat(15)], 100), { ok: false, events: [] })
  t.match(read(['id: a\n'.repeat(30)], 100), { ok: false })
})

t.test('what is endless is refused before it is kept, and comments are not kept at all', async (t) => {
  t.equal(read(Array<string>(200).fill('x'), 100).ok, false)
  t.match(read([':', ...Array<string>(200).fill('x'), '\ndata: a\n\n'], 100), { ok: true, events: [{ data: 'a' }] })
  t.equal(read(Array<string>(200).fill(': keep-alive\n\n'), 100).ok, true)
})

t.test('a stream says the same however it is cut', async (t) => {
  const line = fc.oneof(
    fc.constantFrom('data: a', 'data:', 'data', 'id: 1', 'id:', 'event: e', 'retry: 5', ': c', ':', '', '', 'x'),
    fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, ' ')),
  )
  const stream = fc
    .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 30 })
    .map((lines) => lines.map((parts) => parts.join('')).join(''))
  const marked = fc.tuple(fc.constantFrom('', '\ufeff'), stream).map((parts) => Buffer.from(parts.join('')))
  fc.assert(
    fc.property(marked, fc.array(fc.nat({ max: 400 }), { maxLength: 40 }), (whole, cuts) => {
      const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length]
      const chunks = places.slice(1).map((end, index) => whole.subarray(places[index], end))
      t.strictSame(read(chunks, 10_000), read([whole], 10_000))
      t.strictSame(
        read(
          [...whole].map((byte) => Buffer.from([byte])),
          10_000,
        ),
        read([whole], 10_000),
      )
    }),
    { numRuns: 300 },
  )
})
