/** Processes of the host that are ended together, with all that they started. */
import { type ChildProcess, spawn } from 'node:child_process'

export class ProcessGroups {
  readonly #leaders: ChildProcess[] = []

  /** Starts `command` at low priority, as the leader of a group of its own; standard output and error are piped. */
  start(command: string, args: readonly string[]): ChildProcess {
    const leader = spawn('nice', [command, ...args], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#leaders.push(leader)
    return leader
  }

  /** SIGKILL for every group, whether its leader is still there or not. */
  end(): void {
    for (const { pid } of this.#leaders.splice(0)) if (pid !== undefined) killGroup(pid)
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
