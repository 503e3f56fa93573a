/** A command of one's own on each of some kernels, with its output as it comes. */
import type { Cache } from './cache.ts'
import { runInGuest } from './guest.ts'
import type { Kernel } from './kernels.ts'
import { prepare } from './prepare.ts'
import { prepareSystem } from './system.ts'
import type { GuestUser } from './users.ts'

/** Time for a command, from the machine's start. */
const timeoutMs = 600_000
const memoryMb = 1024

export interface CommandChoice {
  readonly command: readonly string[]
  readonly kernels: readonly Kernel[]
  readonly users: readonly GuestUser[]
  /** systemd is booted first. */
  readonly systemd: boolean
}

/** The first exit status that is not 0; 1 where a command came to no end. */
export async function runCommand(choice: CommandChoice, cache: Cache): Promise<number> {
  const { command, kernels, users } = choice
  const system = choice.systemd ? await prepareSystem(cache) : null
  const codes: number[] = []
  for (const kernel of kernels) {
    const machine = await prepare(kernel, cache)
    for (const { name, uid } of users) {
      const job = { system, command, uid, environment: {}, sysctls: {}, memoryMb, timeoutMs }
      const { code, seconds } = await runInGuest(machine, job, (line) => console.log(line))
      const ending = code === null ? 'came to no end' : `ended with ${code}`
      console.error(`${kernel.name} as ${name}: ${ending} after ${seconds.toFixed(1)} s`)
      codes.push(code ?? 1)
    }
  }
  return codes.find((code) => code !== 0) ?? 0
}
