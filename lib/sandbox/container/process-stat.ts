/** What /proc says of a process that may be gone at any time. */
import { readFileSync } from 'node:fs'

export interface ProcessStat {
  readonly parent: number
  /** In clock ticks since the boot: with its pid it names a process for good. */
  readonly start: string
}

/** `null` when there is no such process. Its name, in parentheses, may hold anything (proc(5)). */
export function processStat(pid: number): ProcessStat | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [parent, start] = [fields[1], fields[19]]
    return parent === undefined || start === undefined ? null : { parent: Number(parent), start }
  } catch {
    return null
  }
}
