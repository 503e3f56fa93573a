/** Numbers of the kernel as the names that people know. */
import { constants } from 'node:os'

let errnoNames: ReadonlyMap<number, string> | null = null

/** `ENOENT` for 2; `E<number>` for one that this system does not know. */
export function errnoName(errno: number): string {
  // Not util.getSystemErrorName: it knows only what libuv itself may return, and ECHILD is not among that.
  errnoNames ??= byNumber(constants.errno)
  return errnoNames.get(errno) ?? `E${errno}`
}

/** `SIGKILL` for 9; `SIG<number>` for one without a name. */
export function signalName(number: number): string {
  const found = Object.entries(constants.signals).find(([, value]) => value === number)
  return found === undefined ? `SIG${number}` : found[0]
}

/** The first of several names: EAGAIN, not EWOULDBLOCK. */
function byNumber(numbers: Readonly<Record<string, number>>): Map<number, string> {
  return new Map(
    Object.entries(numbers)
      .reverse()
      .map(([name, value]) => [value, name]),
  )
}
