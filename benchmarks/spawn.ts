/**
 * `npm run bench:spawn`: what a sandbox costs to start, against bubblewrap with a minimal root in the same rounds. Linux, with
 * bubblewrap. `--json` prints data instead of lines, `--rounds N` sets how many.
 */
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { median, medianRatio } from './rounds.ts'
import { bubblewrap, demandBubblewrap, ended, runBubblewrap } from './spawn/bubblewrap.ts'
import { Sandboxes } from './spawn/sandboxes.ts'
import { type Timed, type Times, timeRounds } from './spawn/times.ts'

const heapMib = 400
const atOnce = 50
const program = new URL('../../bin/mcpo.js', import.meta.url).pathname

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '21' } },
})
const rounds = Math.min(Math.max(Math.trunc(Number(options.rounds)) || 21, 1), 200)
const results: Record<string, unknown> = {}

try {
  demandBubblewrap()
} catch (error) {
  console.error(`bench:spawn: ${error instanceof Error ? error.message : error}`)
  process.exit(1)
}
const sandboxes = await Sandboxes.open()
await measureCommand()
await measureSpawn()
await measureManyAtOnce()
await measureBlocking()
await sandboxes.close()
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cpus: cpus().length, rounds }
if (options.json) console.log(JSON.stringify({ machine, results }, null, 2))
else console.log(`${machine.node}, ${machine.cpus} of ${machine.cpu}, medians of ${rounds} interleaved rounds`)

/** From the command line to the end of /bin/true. */
async function measureCommand(): Promise<void> {
  const times = await timeRounds(
    [
      timed('bwrap', () => ended(bubblewrap)),
      timed('node -e 0', () => ended([process.execPath, '-e', '0'])),
      timed('mcpo sandbox run', () => ended([process.execPath, program, 'sandbox', 'run', '--', '/bin/true'])),
    ],
    rounds,
  )
  const [bwrap, node, own] = [...times.values()]
  if (bwrap === undefined || node === undefined || own === undefined) return
  const both = bwrap.wall.map((ms, round) => ms + (node.wall[round] ?? Number.NaN))
  tell('command', 'mcpo sandbox run -- /bin/true / (bwrap + node -e 0)', times, medianRatio(own.wall, both))
}

/** From the addon's spawn to the end of /bin/true. */
async function measureSpawn(): Promise<void> {
  const times = await timeRounds(
    [timed('bwrap', runBubblewrap), timed('spawn', async () => void (await sandboxes.spawn()))],
    rounds,
  )
  const [bwrap, own] = [...times.values()]
  tell('spawn', 'spawn alone / bwrap', times, medianRatio(own?.wall ?? [], bwrap?.wall ?? []))
}

/** With all that a gateway does for each; every one of them must come up. */
async function measureManyAtOnce(): Promise<void> {
  const all = (start: () => Promise<void>) => async () =>
    void (await Promise.all(Array.from({ length: atOnce }, start)))
  const times = await timeRounds(
    [
      timed(`${atOnce} bwrap`, all(runBubblewrap)),
      timed(
        `${atOnce} servers`,
        all(() => sandboxes.start()),
      ),
    ],
    Math.ceil(rounds / 5),
  )
  const [bwrap, own] = [...times.values()]
  tell('manyAtOnce', `${atOnce} servers / ${atOnce} bwrap`, times, medianRatio(own?.wall ?? [], bwrap?.wall ?? []))
}

/** How long the event loop stands still for one start: the call into the addon. */
async function measureBlocking(): Promise<void> {
  const ballast = Array.from({ length: heapMib }, (_, index) => new Array<number>(1 << 17).fill(index + 0.5))
  const run = async (): Promise<number> => (await sandboxes.spawn()).blockedMs
  const times = await timeRounds([{ name: `blocked at ${ballast.length} MiB`, run }], rounds)
  const [own] = [...times.values()]
  tell('blocked', 'of 0.5 ms that the event loop may be blocked', times, median(own?.wall ?? []) / 0.5)
}

function timed(name: string, work: () => Promise<void>): Timed {
  return { name, run: async () => void (await work()) as undefined }
}

function tell(key: string, title: string, times: ReadonlyMap<string, Times>, ratio: number): void {
  const rows = [...times].map(([name, { wall, cpuMs }]) => ({
    name,
    ms: median(wall),
    min: Math.min(...wall),
    max: Math.max(...wall),
    cpuMs,
  }))
  results[key] = { rows, ratio }
  if (options.json) return
  for (const { name, ms, min, max, cpuMs } of rows) {
    const range = `${min.toFixed(2)} to ${max.toFixed(2)}`
    console.log(`  ${name.padEnd(20)} ${ms.toFixed(2).padStart(9)} ms (${range}), ${cpuMs.toFixed(1)} ms of CPU`)
  }
  console.log(`${ratio.toFixed(2)} ${title}\n`)
}
