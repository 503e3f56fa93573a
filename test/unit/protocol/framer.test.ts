import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { type FrameCounters, Framer } from '../../../lib/protocol/framer.ts'
import type { ScanChunk } from '../../../lib/protocol/scan.ts'
import { bytesOf, cut, frame, scanners } from './scanners.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const line = (id: number, text = '') => `{"jsonrpc":"2.0","id":${id},"result":{"text":"${text}"}}\n`

for (const [name, scan] of scanners) {
  t.test(`${name}: messages come out in order, without the white space around them`, async (t) => {
    const bytes = Buffer.from(`\n \r\n ${line(1)}\r\n\t${line(2).trim()} \r\n${line(3)}`)
    for (const size of [1, 2, 7, 64, bytes.length]) {
      const { messages, rejections } = frame(scan, cut(bytes, [size]))
      t.strictSame(messages.map(bytesOf), [line(1).trim(), line(2).trim(), line(3).trim()], `chunks of ${size}`)
      t.strictSame(rejections, [])
    }
  })

  t.test(`${name}: more messages in a chunk than the records hold`, async (t) => {
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, id) => line(id)).join(''))
    const { messages } = frame(scan, [bytes])
    t.strictSame(
      messages.map((message) => message.raw('id')),
      Array.from({ length: 1000 }, (_, id) => String(id)),
    )
    t.strictSame(messages.map(bytesOf).join('\n'), bytes.toString().trim(), 'also after later chunks reused nothing')
  })

  t.test(`${name}: a raw CR between tokens is noted, one in a string is refused`, async (t) => {
    const { messages, rejections } = frame(scan, [Buffer.from('{"id":1,\r"result":2}\r\n{"id":2,"result":"\r"}\n')])
    t.strictSame(
      messages.map((message) => message.hasLineBreaks),
      [true],
    )
    t.match(rejections, [{ reason: 'syntax', id: '2' }])
  })

  t.test(`${name}: a bad frame costs nobody else anything`, async (t) => {
    const { events } = frame(scan, [Buffer.from(`${line(1)}{"id":2,"result":tru}\n${line(3)}`)])
    t.match(events, [{ kind: 'response' }, { reason: 'syntax', id: '2', bytes: 21 }, { kind: 'response' }])
  })

  t.test(`${name}: a frame of the greatest length passes, one byte more does not`, async (t) => {
    const max = line(1, 'x'.repeat(100)).length - 1
    for (const size of [1, 64, 1000]) {
      const fits = frame(scan, cut(Buffer.from(` ${line(1, 'x'.repeat(100)).trim()} \n`), [size]), max)
      t.equal(fits.messages.length, 1, `chunks of ${size}`)
      const tooLong = frame(scan, cut(Buffer.from(line(1, 'x'.repeat(101)) + line(2)), [size]), max)
      t.match(tooLong.events, [{ reason: 'too-large', id: '1', bytes: max + 1 }, { kind: 'response' }])
    }
  })

  t.test(`${name}: a problem beyond the greatest length is that it is too long, however it is cut`, async (t) => {
    for (const size of [1, 5, 1000]) {
      const { rejections } = frame(scan, cut(Buffer.from(`{"id":1,"result":"${'x'.repeat(50)}"!}\n`), [size]), 40)
      t.match(rejections, [{ reason: 'too-large', id: '1' }], `chunks of ${size}`)
    }
  })

  t.test(`${name}: of a frame that is too long nothing is kept while it streams by`, async (t) => {
    const head = '{"id":"a","method":"m","params":{"x":"'
    const bytes = head.length + 128 * 65_536 + 3
    const tooLong = await keptChunks(scan, head, 1000)
    t.strictSame(tooLong.rejected, [{ reason: 'too-large', bytes, id: '"a"', method: '"m"' }])
    t.ok(tooLong.kept <= 1, `${tooLong.kept} of 128 chunks kept`)
    t.equal((await keptChunks(scan, head, bytes)).kept, 128, 'of one that may still become a message, all')
  })

  t.test(`${name}: an id or method of more than 1 KiB is not handed on with a refusal`, async (t) => {
    const [fits, long] = ['x'.repeat(1022), 'x'.repeat(1023)].map((it) => JSON.stringify(it))
    t.match(frame(scan, [Buffer.from(`{"id":${fits},"method":${fits},?}\n`)]).rejections, [{ id: fits, method: fits }])
    t.match(frame(scan, [Buffer.from(`{"id":${long},"method":${long},?}\n`)]).rejections, [{ id: null, method: null }])
  })

  t.test(`${name}: the end of the stream tells of half a frame, once`, async (t) => {
    t.match(frame(scan, [Buffer.from(`${line(1)}{"id":7,"met`)]).rejections, [
      { reason: 'incomplete', bytes: 12, id: '7' },
    ])
    t.match(
      frame(scan, [Buffer.from('{"id":7,"result":1}')]).rejections,
      [{ reason: 'incomplete', id: '7' }],
      'no newline',
    )
    t.match(frame(scan, [Buffer.from('{"id":7,?')]).rejections, [{ reason: 'syntax', id: '7' }])
    t.strictSame(frame(scan, [Buffer.from(`${line(1)} \r\n  `)]).rejections, [])
  })

  t.test(`${name}: counters tell which scanner found the frames`, async (t) => {
    const counters: FrameCounters = { native: 0, twin: 0, rejected: 0 }
    const framer = new Framer({ scan, maxFrameBytes: 1000, onMessage: () => {}, onReject: () => {}, counters })
    framer.push(Buffer.from(`${line(1)}nope\n${line(2)}`))
    t.strictSame(counters, { native: 0, twin: 0, [name]: 3, rejected: 1 })
  })
}

t.test('a limit that is no length is refused', async (t) => {
  for (const maxFrameBytes of [0, -1, 1.5, Number.NaN, 2 ** 30]) {
    t.throws(() => frame(scanners[0]![1], [], maxFrameBytes), RangeError)
  }
})

/** Chunks alive just before the end of a frame of 8 MiB, and what was rejected after it. */
async function keptChunks(scan: ScanChunk, head: string, maxFrameBytes: number) {
  const rejected: unknown[] = []
  const framer = new Framer({ scan, maxFrameBytes, onMessage: () => {}, onReject: (it) => rejected.push(it) })
  framer.push(Buffer.from(head))
  const chunks = Array.from({ length: 128 }, () => pushChunk(framer))
  // A WeakRef holds its target until the end of the turn that made it.
  await new Promise(setImmediate)
  collectGarbage()
  const kept = chunks.filter((chunk) => chunk.deref() !== undefined).length
  framer.push(Buffer.from('"}}\n'))
  return { kept, rejected }
}

function pushChunk(framer: Framer): WeakRef<ArrayBufferLike> {
  const chunk = Buffer.alloc(65_536, 'x')
  framer.push(chunk)
  return new WeakRef(chunk.buffer)
}
