import { closeSync } from 'node:fs'
import type { SandboxedChild } from './model.ts'

/** For who started a child and does not want to talk to it. */
export function closeStdio({ stdin, stdout, stderr }: SandboxedChild['stdio']): void {
  for (const fd of [stdin, stdout, stderr]) closeSync(fd)
}
