/** The life of one container, as its keeper tells it. Knows nothing of policies. */
import type { ChildProcess } from 'node:child_process'
import { Writable } from 'node:stream'
import { McpoError } from '../../errors.ts'
import type { ExitStatus, PassedSignal } from '../model.ts'
import type { Engine } from './engine.ts'

/** What podman and docker exit with when they could not make the container. */
const engineFailed = 125

export class ContainerLife {
  readonly pid: number
  /** Settles when the keeper has ended, and with it the container. Never rejects. */
  readonly exited: Promise<ExitStatus>
  readonly #keeper: ChildProcess
  #isKilled = false

  constructor(keeper: ChildProcess, server: string, engine: Engine) {
    this.#keeper = keeper
    this.pid = keeper.pid ?? -1
    const lifeline = keeper.stdio[3]
    lifeline?.on('error', () => {})
    this.exited = new Promise<ExitStatus>((resolve) => {
      keeper.once('error', () => resolve({ code: null, signal: null }))
      keeper.once('exit', (code, signal) => {
        lifeline?.destroy()
        if (this.#isKilled) resolve({ code: null, signal: 'SIGKILL' })
        else resolve(code === engineFailed ? { code, signal, failure: notMade(server, engine) } : { code, signal })
      })
    })
  }

  /** Lets a keeper that waits start its client. */
  goOn(): void {
    this.#tell('go')
  }

  signal(name: PassedSignal): void {
    this.#tell(name.slice('SIG'.length))
  }

  kill(): void {
    this.#isKilled = true
    this.#keeper.stdio[3]?.destroy()
  }

  #tell(line: string): void {
    const lifeline = this.#keeper.stdio[3]
    if (lifeline instanceof Writable && lifeline.writable) lifeline.write(`${line}\n`)
  }
}

export function untilSpawned(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve)
    child.once('error', reject)
  })
}

function notMade(name: string, { facts: { kind } }: Engine): McpoError {
  return new McpoError('SANDBOX_ERROR', `cannot start ${name}: ${kind} could not make its container`, {
    hint: `what ${kind} said is in the log, as the server's stderr`,
  })
}
