import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { type FrameCounters, Framer, type Rejection } from '../protocol/framer.ts'
import { toLine } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { Outgoing } from './model.ts'
import { Slabs } from './slabs.ts'
import { StderrReader } from './stderr.ts'
import { LineWriter } from './writer.ts'

export interface StdioEvents {
  onMessage(message: Message): void
  onReject(rejection: Rejection): void
  onStderr(line: string): void
}

export interface StdioOptions {
  readonly scan: ScanChunk
  readonly counters: FrameCounters
  readonly maxMessageBytes: number
}

export interface StdioDescriptors {
  readonly stdin: number
  readonly stdout: number
  readonly stderr: number
}

/** How much may wait for a server that does not read: so many of the largest messages. */
const queuedMessages = 2

/** JSON-RPC messages, one a line, over a child's descriptors, which it owns from now on. */
export class StdioConnection {
  /** Settles when the server closed its stdout and everything it wrote before was delivered. */
  readonly ended: Promise<void>
  private readonly stdout: Socket
  private readonly stderr: Socket
  private readonly writer: LineWriter
  private readonly errors: StderrReader
  private readonly framer: Framer

  constructor(descriptors: StdioDescriptors, options: StdioOptions, events: StdioEvents) {
    const { scan, counters, maxMessageBytes } = options
    this.framer = new Framer({
      scan,
      counters,
      maxFrameBytes: maxMessageBytes,
      onMessage: events.onMessage,
      onReject: events.onReject,
    })
    this.writer = new LineWriter(descriptors.stdin, queuedMessages * maxMessageBytes)
    this.stderr = new Socket({ fd: descriptors.stderr, readable: true, writable: false })
    this.errors = new StderrReader(this.stderr, events.onStderr)
    this.stdout = this.readFrom(descriptors.stdout)
    this.ended = new Promise((resolve) => this.stdout.once('close', resolve))
  }

  send(message: Outgoing): void {
    this.writer.send(toLine(message.pieces, message.hasLineBreaks))
  }

  lastStderr(): readonly string[] {
    return this.errors.lastLines()
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
