import type { Dirent, Stats } from 'node:fs'

/** The ways of looking at a file system. `null`: absent or forbidden. */
export interface Reads {
  stat(path: string): Answer<Stats>
  lstat(path: string): Answer<Stats>
  realpath(path: string): Answer<string>
  readlink(path: string): Answer<string>
  /** `mode` as in access(2). */
  access(path: string, mode: number): Answer<true>
  names(folder: string): Answer<string[]>
  /** At most `most`, in no order. */
  entries(folder: string, most: number): Answer<Dirent[]>
  /** The first `bytes`, as latin1; for regular files only. */
  head(path: string, bytes: number): Answer<string>
  text(path: string): Answer<string>
}

export type Answer<T> = T | null | Promise<T | null>
