/** Sockets in granted folders: whoever listens there does what the server asks, with rights of its own, read-only or not. */
import { join } from 'node:path'
import type { ScannedFolder } from './scan.ts'

const maxNotes = 8

export function socketNotes(folders: readonly ScannedFolder[]): string[] {
  const sockets = folders.flatMap(({ path, entries }) =>
    entries.filter((entry) => entry.isSocket()).map(({ name }) => join(path, name)),
  )
  const unique = [...new Set(sockets)].sort()
  const shown = unique
    .slice(0, maxNotes)
    .map((path) => `the server can connect to the socket ${path}, and to what listens there: grant a folder without it`)
  return unique.length <= maxNotes ? shown : [...shown, `and to ${unique.length - maxNotes} other sockets`]
}
