import { PieceList } from './piece-list.ts'
import { byteLengthOf, sliceOf, textOf } from './pieces.ts'

/** One event of a stream. */
export interface ServerEvent {
  /** `message` where the stream names none. */
  readonly type: string
  /** The data as it came, in pieces: several `data` lines are joined by LF. Not checked to be UTF-8. */
  readonly data: readonly Buffer[]
}

export interface SseReaderOptions {
  /** The most bytes that the lines of one event may have together; bounds what is kept of an event that is still coming in. */
  readonly maxEventBytes: number
  /** Called in order, during `push`. */
  onEvent(event: ServerEvent): void
}

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const newline = Buffer.from('\n')
const byteOrderMark = Buffer.from('\ufeff')
/** What is kept of ids, types and retry times: these lines are cut, since nothing of the kind is that long. */
const maxShortBytes = 1024

/**
 * Reads an event stream (WHATWG HTML, "Server-sent events") from bytes, in chunks of any size, without decoding the data: its
 * pieces are views of the chunks. Lines end with LF, CR or CRLF; one leading byte order mark is left out; an event that the stream
 * breaks off is dropped.
 */
export class SseReader {
  /** The id of the last event that had one; empty when there was none, or when it is longer than 1 KiB. */
  lastEventId = ''
  /** How long to wait before the next connection, if the stream said so. */
  retryMs: number | null = null
  readonly #options: SseReaderOptions
  readonly #line = new PieceList()
  #lineBytes = 0
  #isComment = false
  #isFirstLine = true
  #skipsLf = false
  #eventBytes = 0
  #type = ''
  #id = ''
  #data: Buffer[] = []
  #hasData = false

  constructor(options: SseReaderOptions) {
    this.#options = options
  }

  /** False when the event is too long: nothing that comes after can be read. */
  push(chunk: Buffer): boolean {
    let from = this.#skipsLf && chunk[0] === LF ? 1 : 0
    if (chunk.length > 0) this.#skipsLf = false
    const ends = new LineEnds(chunk)
    while (from < chunk.length) {
      const end = ends.next(from)
      if (!this.#add(chunk.subarray(from, end === -1 ? chunk.length : end))) return false
      if (end === -1) return true
      this.#endLine()
      from = end + 1
      if (chunk[end] !== CR) continue
      if (from === chunk.length) this.#skipsLf = true
      else if (chunk[from] === LF) from += 1
    }
    return true
  }

  #add(part: Buffer): boolean {
    if (part.length === 0) return true
    if (this.#lineBytes === 0) this.#isComment = part[0] === COLON
    this.#lineBytes += part.length
    if (this.#isComment) return true
    this.#eventBytes += part.length
    if (this.#eventBytes > this.#options.maxEventBytes) return false
    this.#line.add(part)
    return true
  }

  #endLine(): void {
    const isBlank = this.#lineBytes === 0
    const line = this.#isComment ? null : this.#takeLine()
    this.#lineBytes = 0
    this.#isComment = false
    this.#isFirstLine = false
    if (isBlank || line?.length === 0) this.#dispatch()
    else if (line !== null) this.#field(line)
  }

  #takeLine(): readonly Buffer[] {
    const line = this.#line.take()
    if (!this.#isFirstLine) return line
    const mark = byteOrderMark.length
    const start = Buffer.concat(sliceOf(line, { start: 0, end: mark }))
    return start.equals(byteOrderMark) ? sliceOf(line, { start: mark, end: this.#lineBytes }) : line
  }

  #field(line: readonly Buffer[]): void {
    const length = byteLengthOf(line)
    const head = textOf(line, { start: 0, end: Math.min(length, 'retry:'.length + 1) })
    const colon = head.indexOf(':')
    // A name that is longer than these belongs to no known field, nor does an empty one (a comment behind the mark).
    const name = colon === -1 && length > 'retry'.length ? null : head.slice(0, colon === -1 ? length : colon)
    const start = colon === -1 ? length : colon + (head[colon + 1] === ' ' ? 2 : 1)
    if (name === 'data') this.#addData(sliceOf(line, { start, end: length }))
    else if (name !== null)
      this.#shortField(name, textOf(line, { start, end: Math.min(length, start + maxShortBytes + 1) }))
  }

  #addData(value: readonly Buffer[]): void {
    if (this.#hasData) this.#data.push(newline)
    this.#data.push(...value)
    this.#hasData = true
  }

  #shortField(name: string, value: string): void {
    if (name === 'event') this.#type = value
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value)
    else if (name === 'id' && !value.includes('\0')) this.#id = value.length > maxShortBytes ? '' : value
  }

  #dispatch(): void {
    const event = { type: this.#type === '' ? 'message' : this.#type, data: this.#data }
    const hasData = this.#hasData
    this.lastEventId = this.#id
    this.#type = ''
    this.#data = []
    this.#hasData = false
    this.#eventBytes = 0
    if (hasData) this.#options.onEvent(event)
  }
}

/** The line ends of a chunk, each byte of it looked at once for LF and once for CR. */
class LineEnds {
  readonly #chunk: Buffer
  #lf = -2
  #cr = -2

  constructor(chunk: Buffer) {
    this.#chunk = chunk
  }

  /** The position of the first line end at or after `from`; -1: none. */
  next(from: number): number {
    if (this.#lf !== -1 && this.#lf < from) this.#lf = this.#chunk.indexOf(LF, from)
    if (this.#cr !== -1 && this.#cr < from) this.#cr = this.#chunk.indexOf(CR, from)
    if (this.#lf === -1 || this.#cr === -1) return Math.max(this.#lf, this.#cr)
    return Math.min(this.#lf, this.#cr)
  }
}
