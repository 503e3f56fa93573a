import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { McpoError } from '../errors.ts'

/** A page still to come: of which server, and the server's own cursor (null: from its start). */
export interface PageRef {
  readonly server: string
  readonly cursor: string | null
}

/** What a cursor is good for. */
export interface CursorHolder {
  readonly principal: string
  readonly method: string
}

const maxCursorLength = 256 * 1024
const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/**
 * Cursors of merged lists: one opaque text for the next pages of several servers, sealed, so that nobody can read, make or change
 * one, or use that of another principal or of another list. The key lives as long as the gateway.
 */
export class Cursors {
  private readonly key = randomBytes(32)

  encode(pages: readonly PageRef[], holder: CursorHolder): string {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv(algorithm, this.key, nonce).setAAD(bindingOf(holder))
    const sealed = cipher.update(JSON.stringify(pages.map(({ server, cursor }) => [server, cursor])))
    return Buffer.concat([nonce, sealed, cipher.final(), cipher.getAuthTag()]).toString('base64url')
  }

  /** Throws INVALID_PARAMS for anything that `encode` did not make for this holder. */
  decode(text: string, holder: CursorHolder): PageRef[] {
    const bytes = text.length > maxCursorLength ? Buffer.alloc(0) : Buffer.from(text, 'base64url')
    if (bytes.length < nonceBytes + tagBytes) throw invalid()
    const decipher = createDecipheriv(algorithm, this.key, bytes.subarray(0, nonceBytes))
    decipher.setAAD(bindingOf(holder)).setAuthTag(bytes.subarray(-tagBytes))
    try {
      const json = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()])
      // Only `encode` can have sealed it.
      const pages = JSON.parse(json.toString()) as [string, string | null][]
      return pages.map(([server, cursor]) => ({ server, cursor }))
    } catch {
      throw invalid()
    }
  }
}

function bindingOf({ principal, method }: CursorHolder): Buffer {
  return Buffer.from(JSON.stringify([principal, method]))
}

function invalid(): McpoError {
  return new McpoError('INVALID_PARAMS', 'The cursor is none that this gateway gave out for this list')
}
