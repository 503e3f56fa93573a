import { Socket } from 'node:net'
import { McpoError } from '../errors.ts'

/**
 * Writes to a server's stdin. Everything that is sent within one turn of the event loop leaves in one system call.
 * At most `maxQueuedBytes` wait for a server that does not read; then sending fails with TOO_MANY.
 */
export class LineWriter {
  /** Settles when nobody reads at the other end any more, and something was to be said. Its exit, if there is one, tells more. */
  readonly broken: Promise<void>
  private readonly socket: Socket
  private readonly maxQueuedBytes: number
  private queue: Buffer[] = []
  private queuedBytes = 0
  private scheduled = false

  constructor(fd: number, maxQueuedBytes: number) {
    this.maxQueuedBytes = maxQueuedBytes
    this.socket = new Socket({ fd, readable: false, writable: true })
    // EPIPE: the server is gone or closed its stdin.
    this.broken = new Promise((resolve) => this.socket.on('error', () => resolve()))
  }

  /** `line` is one message and its newline. */
  send(line: readonly Buffer[]): void {
    if (this.waitingBytes > this.maxQueuedBytes) {
      throw new McpoError('TOO_MANY', `${this.waitingBytes} bytes wait for a server that does not read its input`, {
        hint: 'Wait for earlier calls to finish, then try again.',
      })
    }
    for (const piece of line) {
      this.queue.push(piece)
      this.queuedBytes += piece.length
    }
    if (this.scheduled) return
    this.scheduled = true
    setImmediate(this.flush)
  }

  /** Flushes, then closes stdin: the polite way to ask a server to end. */
  end(): void {
    this.flush()
    this.socket.end()
  }

  destroy(): void {
    this.queue = []
    this.socket.destroy()
  }

  private get waitingBytes(): number {
    return this.queuedBytes + this.socket.writableLength
  }

  private readonly flush = (): void => {
    this.scheduled = false
    if (this.socket.destroyed || this.queue.length === 0) return
    this.socket.cork()
    for (const piece of this.queue) this.socket.write(piece)
    this.socket.uncork()
    this.queue = []
    this.queuedBytes = 0
  }
}
