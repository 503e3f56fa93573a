import type { Span } from './model.ts'

/** Views of the bytes of a span, in the pieces they lie in. Nothing is copied. */
export function sliceOf(pieces: readonly Buffer[], span: Span): Buffer[] {
  const slices: Buffer[] = []
  let origin = 0
  for (const piece of pieces) {
    const start = Math.max(span.start - origin, 0)
    const end = Math.min(span.end - origin, piece.length)
    if (start < end) slices.push(start === 0 && end === piece.length ? piece : piece.subarray(start, end))
    origin += piece.length
    if (origin >= span.end) break
  }
  return slices
}

/** The bytes of a span in one buffer: a view when they lie in one piece. */
export function bytesOf(pieces: readonly Buffer[], span: Span): Buffer {
  const slices = sliceOf(pieces, span)
  const [only] = slices
  return slices.length === 1 && only !== undefined ? only : Buffer.concat(slices)
}

/** The text of a span of UTF-8. Copies those bytes. */
export function textOf(pieces: readonly Buffer[], span: Span): string {
  const [first] = pieces
  if (first !== undefined && span.end <= first.length) return first.toString('utf8', span.start, span.end)
  return bytesOf(pieces, span).toString('utf8')
}

export function byteLengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

/** The value of a JSON string from its text, `null` if the text is of another type. */
export function decodeString(json: string): string | null {
  if (!json.startsWith('"')) return null
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1)
}
