import { McpoError } from '../../errors.ts'
import type { ExitStatus } from '../../sandbox/model.ts'

/** The life of a connection to a remote server, which ends at once: there is nothing to wait for. */
export class Life {
  readonly ended: Promise<void>
  readonly exited: Promise<ExitStatus>
  private readonly server: string
  private readonly controller = new AbortController()
  private failure: McpoError | null = null

  constructor(server: string) {
    this.server = server
    this.ended = new Promise((resolve) => this.signal.addEventListener('abort', () => resolve(), { once: true }))
    this.exited = this.ended.then(() => ({ code: null, signal: null }))
  }

  /** Aborted when it ends. */
  get signal(): AbortSignal {
    return this.controller.signal
  }

  get isOver(): boolean {
    return this.signal.aborted
  }

  /** Null: it was asked for. */
  end(failure: McpoError | null): void {
    if (this.isOver) return
    this.failure = failure
    this.controller.abort()
  }

  lastWords(): McpoError {
    return this.failure ?? new McpoError('TRANSPORT_ERROR', `The connection to server "${this.server}" was closed`)
  }
}
