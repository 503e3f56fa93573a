import { readFileSync } from 'node:fs'

/** One thing to measure: does its work, and may say a number of its own instead of the time that it took. */
export interface Timed {
  readonly name: string
  run(): Promise<number | undefined>
}

export interface Times {
  /** Milliseconds, or what `run` said, by round. */
  readonly wall: number[]
  /** Milliseconds of CPU by round, of this process and its ended children. */
  cpuMs: number
}

/** Does everything once a round, each round beginning with another one; the first round warms up and is thrown away. */
export async function timeRounds(things: readonly Timed[], rounds: number): Promise<Map<string, Times>> {
  const times = new Map(things.map(({ name }): [string, Times] => [name, { wall: [], cpuMs: 0 }]))
  for (let round = -1; round < rounds; round += 1) {
    for (let turn = 0; turn < things.length; turn += 1) {
      const thing = things[(round + 1 + turn) % things.length]
      if (thing === undefined) continue
      const [cpu, before] = [cpuMsOfChildren(), performance.now()]
      const said = await thing.run()
      const took = said ?? performance.now() - before
      const own = times.get(thing.name)
      if (round < 0 || own === undefined) continue
      own.wall.push(took)
      own.cpuMs += (cpuMsOfChildren() - cpu) / rounds
    }
  }
  return times
}

/** The 16th and 17th field of /proc/self/stat, in hundredths of a second: rounds are added up before they say something. */
function cpuMsOfChildren(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) * 10
}
