import t from 'tap'
import { scanChunk } from '../../../lib/native/index.ts'
import { Framer } from '../../../lib/protocol/framer.ts'
import { parseMessage } from '../../../lib/protocol/message.ts'
import { DOCUMENT, LINES, MAX_RECORD_WORDS, newScanState, POSITION, WRITE } from '../../../lib/protocol/scan.ts'
import { scanners } from './scanners.ts'

const line = Buffer.from('{"method":"a"}\n')
const records = new Int32Array(MAX_RECORD_WORDS)

for (const [name, scan] of scanners) {
  t.test(`${name}: a position outside the chunk is refused and changes nothing`, async (t) => {
    const state = newScanState(LINES, 100)
    const before = state.slice()
    t.equal(scan(line, line.length + 1, state, records), -1)
    t.strictSame(state.slice(), before)
    t.equal(scan(line, 0, state, records), 1)
  })

  t.test(`${name}: without room for a record it stops before the next one`, async (t) => {
    const state = newScanState(LINES, 100)
    const two = Buffer.concat([line, line])
    t.equal(scan(two, 0, state, records), 1)
    t.equal(state[POSITION], line.length)
    t.equal(scan(two, line.length, state, records), 0, 'nothing goes on until WRITE is set back')
    state[WRITE] = 0
    t.equal(scan(two, line.length, state, records), 1)
    t.equal(state[POSITION], two.length)
  })
}

t.test('native: arguments of another type, or a state that is too short, are refused', async (t) => {
  const state = newScanState(LINES, 100)
  const call = scanChunk as (...given: unknown[]) => number
  t.equal(call(line, 0, state, records), 1)
  for (const given of [
    [],
    [line, 0, state],
    ['text', 0, state, records],
    [new Uint16Array(4), 0, state, records],
    [line.buffer, 0, state, records],
    [line, 'x', state, records],
    [line, 0, Array.from(state), records],
    [line, 0, state.subarray(1), records],
    [line, 0, new Uint32Array(state), records],
    [line, 0, state, new Float64Array(40)],
    [line, 0, state, null],
  ]) {
    t.equal(call(...given), -1)
  }
})

t.test('native: a state that no scanner leaves behind is refused', async (t) => {
  for (const [word, value] of [
    [0, 99],
    [1, 1025],
    [1, -1],
    [7, -1],
    [13, 4],
    [14, 100_000],
    [23, 14],
  ] as const) {
    const state = newScanState(DOCUMENT, 100)
    state[word] = value
    t.equal(scanChunk(line, 0, state, records), -1, `word ${word} is ${value}`)
  }
})

t.test('a scanner that refuses is an error, not an endless loop', async (t) => {
  const refuse = () => -1
  const framer = new Framer({ scan: refuse, maxFrameBytes: 10, onMessage: () => {}, onReject: () => {} })
  t.throws(() => framer.push(line), RangeError)
  t.throws(() => parseMessage([line], refuse), RangeError)
})
