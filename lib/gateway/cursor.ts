import { McpoError } from '../errors.ts'

/** A page still to come: of which server, and the server's own cursor (null: from its start). */
export interface PageRef {
  readonly server: string
  readonly cursor: string | null
}

const maxCursorLength = 16 * 1024

/** One opaque cursor for the next pages of several servers. */
export function encodeCursor(pages: readonly PageRef[]): string {
  return Buffer.from(JSON.stringify(pages.map(({ server, cursor }) => [server, cursor]))).toString('base64url')
}

/** Throws INVALID_PARAMS for anything that `encodeCursor` does not make. It comes back from a client, so it proves nothing. */
export function decodeCursor(text: string): PageRef[] {
  if (text.length > maxCursorLength) throw invalid()
  const pages = parse(Buffer.from(text, 'base64url').toString())
  if (!Array.isArray(pages)) throw invalid()
  return pages.map(pageOf)
}

function pageOf(entry: unknown): PageRef {
  if (!Array.isArray(entry) || entry.length !== 2) throw invalid()
  const [server, cursor]: unknown[] = entry
  if (typeof server !== 'string' || (cursor !== null && typeof cursor !== 'string')) throw invalid()
  return { server, cursor }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid()
  }
}

function invalid(): McpoError {
  return new McpoError('INVALID_PARAMS', 'The cursor is none that this gateway gave out')
}
