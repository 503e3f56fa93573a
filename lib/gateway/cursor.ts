import { McpoError } from '../errors.ts'
import { Seal } from './seal.ts'

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

/**
 * Cursors of merged lists: one opaque text for the next pages of several servers, sealed for one principal and one list.
 */
export class Cursors {
  private readonly seal = new Seal()

  encode(pages: readonly PageRef[], holder: CursorHolder): string {
    return this.seal.close(JSON.stringify(pages.map(({ server, cursor }) => [server, cursor])), bindingOf(holder))
  }

  /** Throws INVALID_PARAMS for anything that `encode` did not make for this holder. */
  decode(text: string, holder: CursorHolder): PageRef[] {
    const json = text.length > maxCursorLength ? null : this.seal.open(text, bindingOf(holder))
    if (json === null) {
      throw new McpoError('INVALID_PARAMS', 'The cursor is none that this gateway gave out for this list')
    }
    // Only `encode` can have sealed it.
    const pages = JSON.parse(json) as [string, string | null][]
    return pages.map(([server, cursor]) => ({ server, cursor }))
  }
}

function bindingOf({ principal, method }: CursorHolder): readonly string[] {
  return [principal, method]
}
