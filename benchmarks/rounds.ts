/** One thing to measure. `run` does its whole work once. */
export interface Measured {
  readonly name: string
  run(): unknown
}

/** CPU time of the process (all threads, garbage collection included) for one `run`, a value per round. */
export type CpuTimes = ReadonlyMap<string, readonly number[]>

/** A measurement shorter than this would be mostly noise: `run` is repeated to fill it. */
const LEAST_MS = 15
const MOST_REPEATS = 50

/**
 * Runs everything once a round, each round beginning with another one, so that what else the machine does hits all alike.
 * The first round warms up and is thrown away. Milliseconds of CPU.
 */
export async function measureRounds(things: readonly Measured[], rounds: number): Promise<CpuTimes> {
  const repeats = new Map<string, number>()
  for (const { name, run } of things) {
    const warmMs = Math.min(await cpuMs(run, 1), await cpuMs(run, 1))
    repeats.set(name, Math.min(Math.ceil(LEAST_MS / Math.max(warmMs, 0.01)), MOST_REPEATS))
  }
  const times = new Map<string, number[]>(things.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of rotated(things, round)) times.get(name)?.push(await cpuMs(run, repeats.get(name) ?? 1))
  }
  return times
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** Median of a / b, round by round: a slow minute of the machine cancels out. */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, round) => value / (b[round] ?? Number.NaN)))
}

async function cpuMs(run: () => unknown, repeats: number): Promise<number> {
  const before = process.cpuUsage()
  for (let turn = 0; turn < repeats; turn += 1) await run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / repeats
}

function rotated<T>(things: readonly T[], by: number): T[] {
  const first = by % things.length
  return [...things.slice(first), ...things.slice(0, first)]
}
