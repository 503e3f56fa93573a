/** Folders of the host for one test. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Test } from 'tap'

export interface Place {
  readonly folder: string
  /** Makes a file with its folders, all of them open to everybody: whatever refuses then is the sandbox. Gives its path. */
  file(name: string, text?: string): string
  makeFolder(name: string): string
}

/** Removed with the test. Below /tmp, or below `parent` where /tmp is what the sandbox replaces. */
export function makePlace(t: Test, parent = tmpdir()): Place {
  const folder = mkdtempSync(join(parent, 'mcpo-threat-'))
  chmodSync(folder, 0o777)
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const makeFolder = (name: string): string => {
    const path = join(folder, name)
    if (path === folder) return path
    makeFolder(dirname(name))
    mkdirSync(path, { recursive: true })
    chmodSync(path, 0o777)
    return path
  }
  return {
    folder,
    makeFolder,
    file(name, text = 'untouched') {
      makeFolder(dirname(name))
      const path = join(folder, name)
      writeFileSync(path, text)
      chmodSync(path, 0o666)
      return path
    },
  }
}
