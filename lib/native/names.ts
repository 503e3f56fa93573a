/** Numbers of the kernel as the names that people know. */
import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'

/** `ENOENT` for 2; `E<number>` for one that this system does not know. */
export function errnoName(errno: number): string {
  const name = errno > 0 ? getSystemErrorName(-errno) : ''
  return /^E[A-Z0-9]+$/.test(name) ? name : `E${errno}`
}

/** `SIGKILL` for 9; `SIG<number>` for one without a name. */
export function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number)
  return found === undefined ? `SIG${number}` : found[0]
}
