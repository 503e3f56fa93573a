/** What is signalled to a command that runs in the foreground goes to the program that it runs. */
import { constants } from 'node:os'
import { isTerminal } from '../../sandbox/inherited-stdio.ts'
import { type PassedSignal, passedSignals, type SandboxedChild } from '../../sandbox/model.ts'

/** How long a program whose end was asked for may take. */
const endGraceMs = 5000

/** Listens from before the start, so that no signal finds us without a handler while the command runs already. */
export class PassedSignals {
  readonly #waiting = new Set<PassedSignal>()
  readonly #ending: ReadonlySet<PassedSignal>
  #child: Pick<SandboxedChild, 'signal' | 'kill'> | null = null
  #deadline: NodeJS.Timeout | null = null
  #endedFor: PassedSignal | null = null

  constructor() {
    // What is typed at a terminal is for the program to understand: many a prompt outlives a Ctrl-C.
    this.#ending = new Set(isTerminal(0) ? ['SIGTERM', 'SIGHUP'] : ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'])
    for (const name of passedSignals) process.on(name, () => this.#take(name))
  }

  /** What has come before, too. */
  passTo(child: Pick<SandboxedChild, 'signal' | 'kill'>): void {
    this.#child = child
    for (const name of this.#waiting) this.#take(name)
  }

  /** 128 + n of the signal n that the program did not heed, for which it was ended; `null`: it was not. */
  get exitCode(): number | null {
    return this.#endedFor === null ? null : 128 + constants.signals[this.#endedFor]
  }

  #take(name: PassedSignal): void {
    if (this.#child === null) {
      this.#waiting.add(name)
      return
    }
    this.#child.signal(name)
    if (this.#ending.has(name)) this.#deadline ??= setTimeout(() => this.#end(name), endGraceMs).unref()
  }

  #end(name: PassedSignal): void {
    this.#endedFor = name
    this.#child?.kill()
  }
}
