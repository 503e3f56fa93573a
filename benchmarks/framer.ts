/**
 * `npm run bench`: splitting a server's output into messages, against what others use for it. CPU time, medians of
 * interleaved rounds; ratios are taken inside a round. `--json` prints data instead of tables, `--rounds N` sets how many.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { contenders } from './framing/contenders.ts'
import { type Corpus, makeCorpora } from './framing/corpora.ts'
import { measureRounds, median, medianRatio } from './rounds.ts'

interface Row {
  readonly name: string
  readonly does: string
  readonly nsPerFrame: number
  readonly nsPerFrameMin: number
  readonly nsPerFrameMax: number
  readonly gbPerSecond: number
  /** CPU time of the SDK's reader divided by this one's. */
  readonly timesFasterThanSdk1: number
  /** CPU time of this one divided by that of looking for newlines only. */
  readonly timesSlowerThanIndexOf: number
}

const BASELINE = 'SDK 1 ReadBuffer'
const FLOOR = 'Buffer.indexOf'

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '7' } },
})
const rounds = Math.min(Math.max(Math.trunc(Number(options.rounds)) || 7, 1), 50)
const results = []
for (const corpus of makeCorpora()) {
  const rows = await measureCorpus(corpus)
  results.push({ corpus: corpus.name, frames: corpus.frames, bytes: corpus.bytes, rows })
  if (!options.json) printTable(corpus, rows)
}
const machine = {
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  platform: `${process.platform}-${process.arch}`,
  rounds,
}
if (options.json) console.log(JSON.stringify({ machine, results }, null, 2))
else
  console.log(`${machine.node}, ${machine.cpu}, ${machine.platform}; CPU time, medians of ${rounds} interleaved rounds`)

async function measureCorpus(corpus: Corpus): Promise<Row[]> {
  for (const { name, run } of contenders) {
    const frames = await run(corpus.chunks)
    if (frames !== corpus.frames) throw new Error(`${name} found ${frames} of ${corpus.frames} frames`)
  }
  const times = await measureRounds(
    contenders.map(({ name, run }) => ({ name, run: () => run(corpus.chunks) })),
    rounds,
  )
  const timesOf = (name: string) => times.get(name) ?? []
  return contenders.map(({ name, does }) => {
    const own = timesOf(name)
    const nsPerFrame = (ms: number) => (ms * 1e6) / corpus.frames
    return {
      name,
      does,
      nsPerFrame: nsPerFrame(median(own)),
      nsPerFrameMin: nsPerFrame(Math.min(...own)),
      nsPerFrameMax: nsPerFrame(Math.max(...own)),
      gbPerSecond: corpus.bytes / 1e6 / median(own),
      timesFasterThanSdk1: medianRatio(timesOf(BASELINE), own),
      timesSlowerThanIndexOf: medianRatio(own, timesOf(FLOOR)),
    }
  })
}

function printTable(corpus: Corpus, rows: readonly Row[]): void {
  console.log(`\n${corpus.name}: ${corpus.frames} frames, ${(corpus.bytes / 1e6).toFixed(2)} MB`)
  console.log(line(['', 'ns/frame', 'min', 'max', 'GB/s', 'x SDK 1', '/ indexOf', 'what it does']))
  for (const row of rows) {
    const times = [row.nsPerFrame, row.nsPerFrameMin, row.nsPerFrameMax].map((ns) => ns.toFixed(0))
    const ratios = [
      row.gbPerSecond.toFixed(3),
      row.timesFasterThanSdk1.toFixed(1),
      row.timesSlowerThanIndexOf.toFixed(1),
    ]
    console.log(line([row.name, ...times, ...ratios, row.does]))
  }
}

function line([name = '', ...cells]: readonly string[]): string {
  const does = cells.at(-1) ?? ''
  return `${name.padEnd(22)}${cells
    .slice(0, -1)
    .map((cell) => cell.padStart(10))
    .join('')}  ${does}`
}
