/** Joins a confined command to the caller's descriptors: passed on, or copied where passing on would be a way out. */
import { closeSync, createReadStream, createWriteStream } from 'node:fs'
import { Socket } from 'node:net'
import { finished } from 'node:stream/promises'
import { isNativeFailure, type StdioTriple, stdioPairs } from '../native/index.ts'
import type { StdioMode } from './inherited-stdio.ts'
import { nativeError } from './life.ts'

export interface Relay {
  /** What the command gets as 0, 1, 2. */
  readonly stdio: StdioTriple
  /** Once the command is started: copying begins, and only the command holds its ends. */
  start(): void
  /** Once the command has ended: settles when everything it wrote is written. */
  finish(): Promise<void>
}

export function createRelay(modes: readonly [StdioMode, StdioMode, StdioMode]): Relay {
  const pairs = stdioPairs()
  if (isNativeFailure(pairs)) throw nativeError(pairs, 'joining the command to its input and output')
  const { child, parent } = pairs
  const given = (fd: 0 | 1 | 2): number => (modes[fd] === 'relay' ? child[fd] : fd)
  const copies: Promise<unknown>[] = []
  let stopInput = (): void => {}
  return {
    stdio: [given(0), given(1), given(2)],
    start() {
      for (const fd of child) closeSync(fd)
      if (modes[0] === 'relay') stopInput = copyIn(parent[0])
      else closeSync(parent[0])
      for (const fd of [1, 2] as const) {
        if (modes[fd] === 'relay') copies.push(copyOut(parent[fd], fd))
        else closeSync(parent[fd])
      }
    },
    async finish() {
      stopInput()
      await Promise.allSettled(copies)
    },
  }
}

function copyIn(to: number): () => void {
  const file = createReadStream('', { fd: 0, autoClose: false })
  const socket = new Socket({ fd: to, readable: false, writable: true })
  // The command may close its input before the file ends.
  socket.on('error', () => file.destroy())
  file.on('error', () => socket.destroy())
  file.pipe(socket)
  return () => {
    file.destroy()
    socket.destroy()
  }
}

function copyOut(from: number, fd: 1 | 2): Promise<void> {
  const file = createWriteStream('', { fd, autoClose: false })
  const socket = new Socket({ fd: from, readable: true, writable: false })
  socket.on('error', () => file.end())
  file.on('error', () => socket.destroy())
  socket.pipe(file)
  return finished(file)
}
