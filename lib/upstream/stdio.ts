import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
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
import { LineWriter } from './writer.ts'

export interface StdioOptions {
  /** The server's name. */
  readonly server: string
  readonly scan: ScanChunk
  readonly counters: FrameCounters
  readonly maxMessageBytes: number
}

/** How much may wait for a server that does not read: so many of the largest messages. */
const queuedMessages = 2

/** JSON-RPC messages, one a line, over a child's descriptors, which it owns from now on. */
export class StdioConnection implements Connection {
  readonly label: Connection['label']
  readonly exited: Promise<ExitStatus>
  /** Settles when the server closed its stdout and everything it wrote before was delivered. */
  readonly ended: Promise<void>
  private readonly server: string
  private readonly child: SandboxedChild
  private readonly stdout: Socket
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
    this.stdout = this.readFrom(child.stdio.stdout)
    this.ended = new Promise((resolve) => this.stdout.once('close', resolve))
  }

  send(message: Outgoing): void {
    this.writer.send(toLine(message.pieces, message.hasLineBreaks))
  }

  lastWords(status: ExitStatus | null): McpoError {
    return endingError(this.server, status, this.errors.lastLines())
  }

  pause(): void {
    this.stdout.pause()
  }

  resume(): void {
    this.stdout.resume()
  }

  /** Closes the server's stdin: the polite way to ask it to end. */
  end(): void {
    this.writer.end()
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
        this.framer.push(slabs.take(count))
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
}
