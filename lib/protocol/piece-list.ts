const SMALL_BYTES = 1024
const SMALL_RUN = 64

/**
 * The pieces of a frame that is still coming in: views of the chunks, not copies. Pieces that lie side by side in one
 * buffer become one. Only a run of 64 pieces below 1 KiB is copied together, or a sender of single bytes would cost us
 * a hundred times what it sends.
 */
export class PieceList {
  #pieces: Buffer[] = []
  #smallRun = 0

  get isEmpty(): boolean {
    return this.#pieces.length === 0
  }

  get pieces(): readonly Buffer[] {
    return this.#pieces
  }

  add(piece: Buffer): void {
    if (piece.length === 0 || this.#extendLast(piece)) return
    this.#pieces.push(piece)
    this.#smallRun = piece.length < SMALL_BYTES ? this.#smallRun + 1 : 0
    if (this.#smallRun === SMALL_RUN) this.#joinSmallRun()
  }

  /** Hands over the pieces and starts anew. */
  take(): Buffer[] {
    const pieces = this.#pieces
    this.#pieces = []
    this.#smallRun = 0
    return pieces
  }

  #extendLast(piece: Buffer): boolean {
    const last = this.#pieces.at(-1)
    if (last === undefined || last.buffer !== piece.buffer) return false
    if (last.byteOffset + last.length !== piece.byteOffset) return false
    const joined = Buffer.from(last.buffer, last.byteOffset, last.length + piece.length)
    this.#pieces[this.#pieces.length - 1] = joined
    if (joined.length >= SMALL_BYTES) this.#smallRun = 0
    return true
  }

  #joinSmallRun(): void {
    const joined = Buffer.concat(this.#pieces.splice(-SMALL_RUN))
    this.#pieces.push(joined)
    this.#smallRun = joined.length < SMALL_BYTES ? 1 : 0
  }
}
