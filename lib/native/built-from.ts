import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'

/**
 * A source that is not as it was when the addon was built, as its path below `root`; null: there is none. `record` is what
 * `native/build.mjs` wrote beside the addon, with the time at which it began; without it, as in a published package, nothing can have
 * changed. Only what was written since then is read. `writtenMs`: negative for what is not there. The addon's own is asked for each of
 * hundreds of files in a thirtieth of the time; one that has none is old, and checked all the same.
 */
export function changedSince(root: string, record: string, writtenMs: WrittenMs = writtenMsOf): string | null {
  const builtMs = Number(writtenMs(record))
  if (builtMs < 0) return null
  const digests = JSON.parse(readFileSync(record, 'utf8')) as Record<string, string>
  const isChanged = ([file, digest]: [string, string]): boolean => {
    const path = `${root}/${file}`
    const atMs = Number(writtenMs(path))
    return atMs < 0 || (atMs >= builtMs && digestOf(path) !== digest)
  }
  return Object.entries(digests).find(isChanged)?.[0] ?? null
}

/** Milliseconds of the epoch. */
type WrittenMs = (path: string) => unknown

function writtenMsOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -1
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
