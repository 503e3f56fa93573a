import { type Document, nameOf, type Places, type Problem, valueAt } from '../document.ts'
import type { Path } from '../positions.ts'

/**
 * A rule over more than one key. It sees the document as it came, so that it reports beside type errors elsewhere: a
 * value of the wrong type equals none that a rule asks for.
 */
export type Rule = (document: Document, places: Places) => Problem[]

/** Something a rule found, at the value of `path`. */
export function at(path: Path, message: string): Problem {
  return { path, part: 'value', message }
}

/** `auth.type = "none" (line 7)`, or `(the default)` where it is not written. */
export function cite(document: Document, places: Places, path: Path, defaultValue?: unknown): string {
  const value = valueAt(document.written, path)
  const shown = JSON.stringify(value ?? defaultValue)
  return `${nameOf(document, path)} = ${shown} (${value === undefined ? 'the default' : places.short(path)})`
}

/** The paths of all `[[servers]]` entries that are tables. */
export function serverPaths(document: Document): Path[] {
  const servers = valueAt(document.filled, ['servers'])
  return Array.isArray(servers) ? servers.map((_, index) => ['servers', index]) : []
}
