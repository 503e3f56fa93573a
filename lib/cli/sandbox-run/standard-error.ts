import { writeSync } from 'node:fs'

const pauseMs = 5
const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * Writes all of it, however slow its reader is. Not by process.stderr, which would set a pipe to non-blocking that the
 * command shares with us, and takes as long to load as everything else. Where nobody reads any more, nothing happens.
 */
export function writeError(text: string): void {
  let rest = Buffer.from(text)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(2, rest))
    } catch (error) {
      const isFull = error instanceof Error && 'code' in error && error.code === 'EAGAIN'
      if (!isFull) return
      Atomics.wait(pause, 0, 0, pauseMs)
    }
  }
}
