import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * A source that is not as it was when the addon was built, as its path below `root`; null: there is none. `record` is what
 * `native/build.mjs` wrote beside the addon; without it, as in a published package, nothing can have changed.
 */
export function changedSince(root: string, record: string): string | null {
  if (!existsSync(record)) return null
  const digests = JSON.parse(readFileSync(record, 'utf8')) as Record<string, string>
  return Object.entries(digests).find(([file, digest]) => digestOf(join(root, file)) !== digest)?.[0] ?? null
}

function digestOf(path: string): string | null {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex')
  } catch {
    return null
  }
}
