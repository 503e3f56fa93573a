import { constants } from 'node:os'
import type { ExitStatus } from '../sandbox/model.ts'

/** A shell's exit code for what became of a process; `null` when nobody knows. */
export function exitCodeOfStatus({ code, signal }: ExitStatus): number | null {
  if (code !== null) return code
  const number = Object.entries(constants.signals).find(([name]) => name === signal)?.[1]
  return number === undefined ? null : 128 + number
}
