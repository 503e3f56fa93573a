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

/** What a client can send back is bounded. */
const maxCursorLength = 64 * 1024
/** Of all the servers' own cursors in one. */
const maxOwnLength = 40 * 1024

/** The pages whose cursors fit into one: the longest are left out, so that one server's does not cost others theirs. */
export function fitting(pages: readonly PageRef[]): PageRef[] {
  let room = maxOwnLength
  const kept = new Set<PageRef>()
  for (const page of pages.toSorted((one, other) => lengthOf(one) - lengthOf(other))) {
    room -= lengthOf(page)
    if (room >= 0) kept.add(page)
  }
  return pages.filter((page) => kept.has(page))
}

function lengthOf(page: PageRef): number {
  return Buffer.byteLength(JSON.stringify(page))
}

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
