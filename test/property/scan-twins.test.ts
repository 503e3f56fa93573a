import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t from 'tap'
import { scanChunk } from '../../lib/native/index.ts'
import { LINES, newScanState, POSITION, type ScanChunk, scanChunkJs } from '../../lib/protocol/scan.ts'
import { cut, frame } from '../unit/protocol/scanners.ts'
import { chunkSizes, edits, messageText, mutated } from './messages.ts'

const parameters = { numRuns: 1500, interruptAfterTimeLimit: 2500, markInterruptAsFailure: false }
const stream = fc
  .tuple(fc.array(messageText, { minLength: 1, maxLength: 4 }), edits)
  .map(([messages, changes]) => Buffer.concat([mutated(Buffer.from(messages.join('\n')), changes), Buffer.from('\n')]))

/** State and records after each chunk, word for word. Few record words, so that they run full. */
function trace(scanners: readonly ScanChunk[], chunks: readonly Buffer[], limit: number): number[][] {
  const state = newScanState(LINES, limit)
  const trail: number[][] = []
  for (const [turn, chunk] of chunks.entries()) {
    const scan = scanners[turn % scanners.length]!
    for (let from = 0; from < chunk.length; from = state[POSITION]) {
      const records = new Int32Array(70)
      state[7] = 0
      scan(chunk, from, state, records)
      trail.push([...records, ...state])
    }
  }
  return trail
}

t.test('native scanner and twin leave the same records and the same state after every chunk', async (t) => {
  fc.assert(
    fc.property(stream, chunkSizes, fc.integer({ min: 1, max: 300 }), (bytes, sizes, limit) => {
      const chunks = cut(bytes, sizes)
      const native = trace([scanChunk], chunks, limit)
      deepStrictEqual(native, trace([scanChunkJs], chunks, limit))
      deepStrictEqual(native, trace([scanChunk, scanChunkJs], chunks, limit))
    }),
    { ...parameters, numRuns: 600 },
  )
  t.pass('no counterexample')
})

t.test('how a stream is cut changes nothing that comes out of the framer', async (t) => {
  fc.assert(
    fc.property(stream, chunkSizes, fc.constantFrom(20, 60, 1 << 20), (bytes, sizes, limit) => {
      const whole = frame(scanChunk, [bytes], limit).events
      const chunks = cut(bytes, sizes)
      deepStrictEqual(frame(scanChunk, chunks, limit).events, whole)
      deepStrictEqual(frame(scanChunkJs, chunks, limit).events, whole)
    }),
    parameters,
  )
  t.pass('no counterexample')
})

const tricky = [
  '{"jsonrpc":"2.0","i\\u0064":-12,"method":"tools/call","params":{"name":"a\\"\\\\","_meta":{"progressToken":1.5e-3}}}',
  '{"id":"\\ud83d\\ude00\u00e9\u20ac\u{1f600}","result":[true,false,null,{},[],""]} \t\r',
  '{"id":1,"result":1,"id":2}',
  '{"id":1,"Method":"a"}',
  ' \r[{"id":1}] ',
  '{"id":1,\r"error":{"code":-1}}\n{"id":2',
]

t.test('a message cut in two at any byte is the message', async (t) => {
  for (const text of tricky) {
    const bytes = Buffer.from(`${text}\n`)
    const whole = JSON.stringify(frame(scanChunk, [bytes]).events)
    const differing = Array.from(bytes.keys()).filter((at) =>
      [scanChunk, scanChunkJs].some((scan) => JSON.stringify(frame(scan, cut(bytes, [at, 1e9])).events) !== whole),
    )
    t.strictSame(differing, [], text)
  }
})
