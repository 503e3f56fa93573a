import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A source that is not as it was when the addon was built, as its path below `root`; null: there is none. `record` is what
 * `native/build.mjs` wrote beside the addon, with the time at which it began; without it, as in a published package, nothing can have
 * changed. Only what was written since then is read.
 */
export function changedSince(root: string, record: string): string | null {
  const builtMs = writtenMs(record)
  if (builtMs === null) return null
  const digests = JSON.parse(readFileSync(record, 'utf8')) as Record<string, string>
  const isChanged = ([file, digest]: [string, string]): boolean => {
    const path = join(root, file)
    const atMs = writtenMs(path)
    return atMs === null || (atMs >= builtMs && digestOf(path) !== digest)
  }
  return Object.entries(digests).find(isChanged)?.[0] ?? null
}

function writtenMs(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null
}

function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
