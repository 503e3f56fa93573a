/** Numbers of the kernel as the names that people know. */
import { constants } from 'node:os'

/** `ENOENT` for 2; `E<number>` for one that this system does not know. */
export function errnoName(errno: number): string {
  // Not util.getSystemErrorName: it knows only what libuv itself may return, and ECHILD is not among that.
  const found = Object.entries(constants.errno).find(([, value]) => value === errno)
  return found === undefined ? `E${errno}` : found[0]
}

/** `SIGKILL` for 9; `SIG<number>` for one without a name. */
export function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number)
  return found === undefined ? `SIG${number}` : found[0]
}
