import type { Field, Message } from './model.ts'
import { PieceList } from './piece-list.ts'
import { END, LENGTH, LEX, ORIGIN, PROBLEM, refusals, START, word } from './scan/layout.ts'
import { snapshotRecord } from './scan/records.ts'
import {
  LINES,
  MAX_RECORD_WORDS,
  newScanState,
  POSITION,
  type Refusal,
  type ScanChunk,
  type ScanState,
  scanChunkJs,
  WRITE,
} from './scan.ts'
import { recordWords, ScannedMessage } from './scanned.ts'

/** A frame that is no message. Its bytes are gone. */
export interface Rejection {
  readonly reason: Refusal | 'incomplete'
  /** Length of the frame, as far as it came. */
  readonly bytes: number
  /** JSON text of the id, when it stood before the problem, was unambiguous and at most 1 KiB: the call to fail. */
  readonly id: string | null
  /** JSON text of the method, likewise. */
  readonly method: string | null
}

/** Frames, by the scanner that found them; shared by all framers that are given the same object. */
export interface FrameCounters {
  native: number
  twin: number
  rejected: number
}

export interface FramerOptions {
  readonly scan: ScanChunk
  /** The longest frame accepted, in bytes, below 1 GiB. Bounds the memory of a frame that is still coming in. */
  readonly maxFrameBytes: number
  /** Called in order, during `push`. Must not throw. */
  onMessage(message: Message): void
  onReject(rejection: Rejection): void
  readonly counters?: FrameCounters
}

/** Refused frames end in logs and in error answers: nothing of them may be long. */
const MAX_LOCATED_BYTES = 1024

/** Enough for about a hundred messages of the usual kind; a message that lives on keeps at most this alive. */
const RECORDS_WORDS = 1024

/**
 * Splits a stream of bytes into JSON-RPC messages, one a line, without copying: a message's pieces are views of the
 * chunks as they were read. So a chunk's memory must not be reused, and a message that waits long is better copied: it keeps
 * whole chunks alive. A bad frame is rejected and the next line starts afresh.
 */
export class Framer {
  readonly #options: FramerOptions
  readonly #state: ScanState
  readonly #pending = new PieceList()
  #records = new Int32Array(RECORDS_WORDS)
  /** The located fields of a frame that was refused while it was still coming in. */
  #refused: Located | null = null

  constructor(options: FramerOptions) {
    this.#options = options
    this.#state = newScanState(LINES, options.maxFrameBytes)
  }

  /** Bytes so far of a frame that is still coming in. */
  get unfinishedBytes(): number {
    return this.#state[LEX] === START ? 0 : -this.#state[ORIGIN]
  }

  push(chunk: Buffer): void {
    const { scan } = this.#options
    let from = 0
    while (from < chunk.length) {
      this.#makeRoom()
      let head = this.#state[WRITE]
      const count = scan(chunk, from, this.#state, this.#records)
      if (count < 0) throw new RangeError(`The scanner refused a chunk of ${chunk.length} bytes.`)
      for (let index = 0; index < count; index += 1) {
        this.#deliver(chunk, head)
        head += recordWords(this.#records, head)
      }
      this.#count(count)
      from = this.#state[POSITION]
    }
    this.#keepRest(chunk)
  }

  /** The stream ended: a frame without its newline is rejected as `incomplete`. */
  end(): void {
    if (this.#state[LEX] === START) return
    const reason = refusals[this.#state[PROBLEM]] ?? 'incomplete'
    const located = this.#refused ?? this.#locate(this.#pending.take())
    const bytes = -this.#state[ORIGIN]
    this.#pending.take()
    this.#refused = null
    this.#state[LEX] = START
    this.#reject({ reason, bytes, ...located })
  }

  #makeRoom(): void {
    if (this.#state[WRITE] + MAX_RECORD_WORDS <= this.#records.length) return
    this.#records = new Int32Array(RECORDS_WORDS)
    this.#state[WRITE] = 0
  }

  #deliver(chunk: Buffer, head: number): void {
    const start = word(this.#records, head + 2)
    const bytes = word(this.#records, head + 3)
    const last = chunk.subarray(Math.max(start, 0), Math.max(start + bytes, 0))
    const message = new ScannedMessage(this.#joined(last), this.#records, head)
    if (message.refusal === null) {
      this.#options.onMessage(message)
      return
    }
    const located = this.#refused ?? locatedIn(message)
    this.#refused = null
    this.#reject({ reason: message.refusal, bytes, ...located })
  }

  #joined(last: Buffer): readonly Buffer[] {
    if (this.#pending.isEmpty) return [last]
    this.#pending.add(last)
    return this.#pending.take()
  }

  /** What is left of the chunk belongs to a frame that goes on; of a refused one only the id and method are kept. */
  #keepRest(chunk: Buffer): void {
    const lex = this.#state[LEX]
    if (lex === START || this.#refused !== null) return
    const start = this.#state[ORIGIN] + chunk.length
    const end = lex === END ? start + this.#state[LENGTH] : chunk.length
    this.#pending.add(chunk.subarray(Math.max(start, 0), Math.max(end, 0)))
    if (this.#state[PROBLEM] !== 0) this.#refused = this.#locate(this.#pending.take())
  }

  #locate(pieces: readonly Buffer[]): Located {
    return locatedIn(new ScannedMessage(pieces, snapshotRecord(this.#state), 0))
  }

  #reject(rejection: Rejection): void {
    if (this.#options.counters !== undefined) this.#options.counters.rejected += 1
    this.#options.onReject(rejection)
  }

  #count(frames: number): void {
    const { counters, scan } = this.#options
    if (counters === undefined) return
    if (scan === scanChunkJs) counters.twin += frames
    else counters.native += frames
  }
}

type Located = Pick<Rejection, 'id' | 'method'>

function locatedIn(message: Message): Located {
  const id = shortRaw(message, 'id')
  return { id: id !== null && /^("|-?[0-9]+$)/.test(id) ? id : null, method: shortRaw(message, 'method') }
}

function shortRaw(message: Message, field: Field): string | null {
  const span = message.span(field)
  return span !== null && span.end - span.start <= MAX_LOCATED_BYTES ? message.raw(field) : null
}
