import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { McpoError } from '../errors.ts'
import { type FrameCounters, Framer } from '../protocol/framer.ts'
import { toLine } from '../protocol/message.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { ExitStatus, SandboxedChild } from '../sandbox/model.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import { endingError } from './ending.ts'
import type { Outgoing } from './model.ts'
import { Slabs } from './slabs.ts'
import { StderrReader } from './stderr.ts'
import { Valve } from './valve.ts'
import { LineWriter } from './writer.ts'

export interface StdioOptions {
  /** The server's name. */
  readonly server: string
  readonly scan: ScanChunk
  readonly counters: FrameCounters
  readonly maxMessageBytes: number
  /** Instead of 256 MiB. */
  readonly endlessBytes?: number
}

/** How much may wait for a server that does not read: so many of the largest messages. */
const queuedMessages = 2
/** A line longer than this, and than two of the largest messages, will not end: such a server is given up. */
const endlessBytes = 256 * 1024 * 1024
/** How long an exit may take to tell why nobody reads any more. */
const deafMs = 250

/** JSON-RPC messages, one a line, over a child's descriptors, which it owns from now on. */
export class StdioConnection implements Connection {
  readonly label: Connection['label']
  readonly exited: Promise<ExitStatus>
  /**
   * Settles when the server closed its stdout and everything it wrote before was delivered; also when it closed its stdin and lives on,
   * or writes a line without end: no call of it can be answered any more.
   */
  readonly ended: Promise<void>
  private readonly server: string
  private readonly child: SandboxedChild
  private readonly stdout: Socket
  private readonly valve: Valve
  private readonly endlessBytes: number
  private fault = 'closed its output'
  private readonly stderr: Socket
  private readonly writer: LineWriter
  private readonly errors: StderrReader
  private readonly framer: Framer

  constructor(child: SandboxedChild, options: StdioOptions, events: ConnectionEvents) {
    const { server, scan, counters, maxMessageBytes } = options
    this.server = server
    this.child = child
    this.label = { child: child.pid }
    this.exited = child.exited
    this.framer = new Framer({
      scan,
      counters,
      maxFrameBytes: maxMessageBytes,
      onMessage: events.onMessage,
      onReject: events.onReject,
    })
    this.writer = new LineWriter(child.stdio.stdin, queuedMessages * maxMessageBytes)
    this.stderr = new Socket({ fd: child.stdio.stderr, readable: true, writable: false })
    this.errors = new StderrReader(this.stderr, events.onStderr)
    this.endlessBytes = Math.max(2 * maxMessageBytes, options.endlessBytes ?? endlessBytes)
    this.stdout = this.readFrom(child.stdio.stdout)
    this.valve = new Valve(this.stdout)
    const closed = new Promise<void>((resolve) => this.stdout.once('close', resolve))
    this.ended = Promise.race([closed, this.writer.broken.then(() => this.deaf(closed))])
  }

  send(message: Outgoing): void {
    this.writer.send(toLine(message.pieces, message.hasLineBreaks))
  }

  lastWords(status: ExitStatus | null): McpoError {
    return endingError(this.server, status ?? this.fault, this.errors.lastLines())
  }

  pause(): void {
    this.valve.pause()
  }

  resume(): void {
    this.valve.resume()
  }

  /** Closes the server's stdin: the polite way to ask it to end. */
  end(): void {
    this.writer.end()
  }

  terminate(): void {
    this.child.signal('SIGTERM')
  }

  kill(): void {
    this.child.kill()
  }

  destroy(): void {
    this.writer.destroy()
    this.stdout.destroy()
    this.stderr.destroy()
  }

  private readFrom(fd: number): Socket {
    const slabs = new Slabs()
    const onread: OnReadOpts = {
      buffer: slabs.next,
      callback: (count) => {
        this.valve.turn(() => this.framer.push(slabs.take(count)))
        if (this.framer.unfinishedBytes > this.endlessBytes) this.endless()
        return true
      },
    }
    // `onread` is documented for `new net.Socket` and works with `fd`; the type knows it for `connect` only.
    const stdout = new Socket({ fd, readable: true, writable: false, onread } as SocketConstructorOpts)
    stdout.on('error', () => {})
    stdout.on('end', () => this.framer.end())
    stdout.resume()
    return stdout
  }

  /** Settles when a server lives on that nobody can tell anything. What one that exited has said before is read to its end. */
  private async deaf(closed: Promise<void>): Promise<void> {
    const livesOn = delay(deafMs, true, { ref: false })
    if (await Promise.race([this.exited.then(() => false), livesOn])) this.fault = 'closed its input'
    else await closed
  }

  private endless(): void {
    this.fault = `wrote more than ${this.endlessBytes} bytes without the end of a line`
    this.stdout.destroy()
  }
}
