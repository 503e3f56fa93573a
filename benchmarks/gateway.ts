/**
 * `node dist/benchmarks/gateway.js`: CPU of the gateway's process for small calls to a server behind it, against that of a
 * server on the SDK 1.x that is called directly. Linux. Rounds are interleaved and ratios taken inside a round. `--json` prints
 * data, `--rounds N` and `--calls N` (a round) set the size; it ends within a minute either way.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { type Contender, startGateway, startSdk } from './gateway/contenders.ts'
import { median, medianRatio } from './rounds.ts'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '7' },
    calls: { type: 'string', default: '1000' },
  },
})
const rounds = within(options.rounds, 1, 50)
const calls = within(options.calls, 100, 10_000)
/** No round begins later. */
const lastStartMs = 45_000

const contenders = [await startGateway(), await startSdk()]
const times = await measure(contenders)
await Promise.all(contenders.map((contender) => contender.stop()))
const [own = [], direct = []] = times
const results = contenders.map(({ name }, index) => {
  const values = times[index] ?? []
  return { name, cpuMsPer1000: median(values), min: Math.min(...values), max: Math.max(...values) }
})
const ratio = medianRatio(own, direct)
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', rounds: own.length, calls }
if (options.json) console.log(JSON.stringify({ machine, results, ratio }, null, 2))
else print()

/** Milliseconds of CPU for 1000 calls, by contender and round. The first round warms up and is thrown away. */
async function measure(all: readonly Contender[]): Promise<number[][]> {
  const times = all.map((): number[] => [])
  const startedAt = performance.now()
  for (let round = -1; round < rounds && performance.now() - startedAt < lastStartMs; round += 1) {
    for (let turn = 0; turn < all.length; turn += 1) {
      const index = (round + 1 + turn) % all.length
      const contender = all[index]
      if (contender === undefined) continue
      const before = contender.cpuMs()
      await contender.caller.call(calls)
      if (round >= 0) times[index]?.push(((contender.cpuMs() - before) * 1000) / calls)
    }
  }
  return times
}

function print(): void {
  for (const { name, cpuMsPer1000, min, max } of results) {
    const range = `${min.toFixed(0)} to ${max.toFixed(0)}`
    console.log(`${name.padEnd(16)} ${cpuMsPer1000.toFixed(0).padStart(6)} ms of CPU for 1000 calls (${range})`)
  }
  console.log(`${ratio.toFixed(2)} times the SDK's; ${machine.node}, ${machine.cpu}, ${machine.rounds} rounds`)
}

function within(text: string, least: number, most: number): number {
  return Math.min(Math.max(Math.trunc(Number(text)) || least, least), most)
}
