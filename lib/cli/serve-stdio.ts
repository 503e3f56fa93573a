/** `mcpo serve --stdio`: the gateway for one client, which started this process. Nothing listens on the network. */
import { createWriteStream, type WriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { McpoError } from '../errors.ts'
import { Channel } from '../gateway/channel.ts'
import type { Downstream } from '../gateway/model.ts'
import { Framer, type Rejection } from '../protocol/framer.ts'
import { errorMessage, rpcErrorOf } from '../protocol/jsonrpc.ts'
import { toLine } from '../protocol/message.ts'
import type { Message } from '../protocol/model.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { Log, Outgoing } from '../upstream/model.ts'
import { ofBytes } from '../upstream/outgoing.ts'
import type { Core } from './assemble.ts'

export interface StdioOptions {
  readonly core: Core
  /** The name of an enabled server; null: all of them. */
  readonly endpoint: string | null
  readonly maxMessageBytes: number
  readonly scan: ScanChunk
  readonly log: Log
}

/** Whoever started this process is its one client. */
const principal = { id: 'stdio' }
/** More than this waiting for the client is congestion. */
const congestedBytes = 1024 * 1024
/** With more than this waiting, a client to whom still more is to be sent is given up. */
const maxWaitingBytes = 16 * 1024 * 1024

/**
 * Serves stdin and stdout until stdin ends, stdout breaks or `ended` settles. Calls in flight then have `graceMs`, and every
 * server is ended.
 */
export async function serveStdio(options: StdioOptions, ended: Promise<unknown>, graceMs: number): Promise<void> {
  const { core, endpoint, log } = options
  core.upstreams.boot()
  const way = new LineStream(createWriteStream('', { fd: 1, autoClose: false }))
  const channel = new Channel({ gateway: core.gateway, endpoint, principal, isDual: true, way, log })
  const gone = Promise.race([ended, way.closed])
  await Promise.race([read(process.stdin, channel, options), gone])
  await Promise.race([channel.answered(), gone, afterMs(graceMs)])
  await channel.close()
  await core.gateway.stop()
  await Promise.race([way.flushed(), afterMs(graceMs)])
  process.stdin.destroy()
}

/** Settles when the stream has ended. */
function read(stdin: Readable, channel: Channel, { scan, maxMessageBytes, log }: StdioOptions): Promise<void> {
  const refuse = (error: McpoError, id: string | null) => {
    log.warn({}, `a message of the client was refused: ${error.message}`)
    channel.send(ofBytes(errorMessage(id, rpcErrorOf(error))))
  }
  const framer = new Framer({
    scan,
    maxFrameBytes: maxMessageBytes,
    onMessage: (message) => receive(channel, message, refuse),
    onReject: (rejection) => refuse(rejectionError(rejection, maxMessageBytes), rejection.id),
  })
  return new Promise((resolve) => {
    stdin.on('data', (chunk: Buffer) => framer.push(chunk))
    stdin.once('end', () => framer.end())
    stdin.once('close', resolve)
    stdin.once('error', () => resolve())
  })
}

function receive(channel: Channel, message: Message, refuse: (error: McpoError, id: string | null) => void): void {
  try {
    channel.receive(message)
  } catch (thrown) {
    if (!(thrown instanceof McpoError)) throw thrown
    refuse(thrown, null)
  }
}

function rejectionError({ reason, bytes }: Rejection, maxMessageBytes: number): McpoError {
  if (reason === 'too-large') {
    return new McpoError('TOO_LARGE', `A message may have ${maxMessageBytes} bytes, and this one has more`)
  }
  const isText = reason === 'duplicate' || reason === 'shape'
  return new McpoError(
    isText ? 'INVALID_REQUEST' : 'PARSE_ERROR',
    `A line of ${bytes} bytes is no JSON-RPC message (${reason})`,
  )
}

/** Messages as lines. Written by Node's threads: a client that does not read holds up nobody else. */
class LineStream implements Downstream {
  readonly closed: Promise<void>
  private readonly stream: WriteStream
  private readonly congestionListeners: ((congested: boolean) => void)[] = []
  private congested = false

  constructor(stream: WriteStream) {
    this.stream = stream
    this.closed = new Promise((resolve) => {
      stream.on('error', () => resolve())
      stream.once('close', () => resolve())
    })
    stream.on('drain', () => this.measure())
  }

  get open(): boolean {
    return this.stream.writable
  }

  send(message: Outgoing): void {
    if (!this.open) return
    if (this.stream.writableLength > maxWaitingBytes) {
      this.stream.destroy()
      return
    }
    this.stream.cork()
    for (const piece of toLine(message.pieces, message.hasLineBreaks)) this.stream.write(piece)
    this.stream.uncork()
    this.measure()
  }

  end(): void {
    this.stream.end()
  }

  /** Settles when everything has been written, or cannot be. */
  flushed(): Promise<void> {
    this.stream.end()
    // The end of the session has ended it before, perhaps.
    if (this.stream.writableFinished) return Promise.resolve()
    return new Promise((resolve) => {
      this.stream.once('finish', resolve)
      void this.closed.then(resolve)
    })
  }

  onClose(listener: () => void): void {
    void this.closed.then(listener)
  }

  onCongestion(listener: (congested: boolean) => void): void {
    this.congestionListeners.push(listener)
    if (this.congested) listener(true)
  }

  private measure(): void {
    const congested = this.stream.writableLength > congestedBytes && this.open
    if (congested === this.congested) return
    this.congested = congested
    for (const listener of this.congestionListeners) listener(congested)
  }
}

function afterMs(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
