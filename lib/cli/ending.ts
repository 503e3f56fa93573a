/** How a command that runs in the foreground ends: by itself, or with a signal to us. */
import { constants } from 'node:os'
import type { ExitStatus } from '../sandbox/model.ts'

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/** Listens from before the start, so that no signal finds us without a handler while the command runs already. */
export class EndingSignals {
  #received: NodeJS.Signals | null = null
  #kill = (): void => {}

  constructor() {
    for (const name of endingSignals) {
      process.on(name, () => {
        this.#received ??= name
        this.#kill()
      })
    }
  }

  /** What to end; at once, when a signal has come already. */
  end(child: { kill(): void }): void {
    this.#kill = () => child.kill()
    if (this.#received !== null) child.kill()
  }

  /** 128 + n after signal n; `null` when none came. */
  get exitCode(): number | null {
    return this.#received === null ? null : 128 + constants.signals[this.#received]
  }
}

/** A shell's exit code for what became of a process; `null` when nobody knows. */
export function exitCodeOfStatus({ code, signal }: ExitStatus): number | null {
  if (code !== null) return code
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1]
  return number === undefined ? null : 128 + number
}
