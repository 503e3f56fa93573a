/** Joins a confined command to the caller's descriptors: passed on, or copied where passing on would be a way out. */
import { closeSync, createReadStream, createWriteStream } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { isNativeFailure, type StdioTriple, stdioPipes } from '../native/index.ts'
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

/** `owner`: the server's own uid, null when it is ours. */
export function createRelay(modes: readonly [StdioMode, StdioMode, StdioMode], owner: number | null): Relay {
  const pipes = stdioPipes(owner)
  if (isNativeFailure(pipes)) throw nativeError(pipes, 'joining the command to its input and output')
  const { child, parent } = pipes
  const given = (fd: 0 | 1 | 2): number => (modes[fd] === 'pass' ? fd : child[fd])
  const copies: Promise<unknown>[] = []
  let stopInput = (): void => {}
  return {
    stdio: [given(0), given(1), given(2)],
    start() {
      for (const fd of child) closeSync(fd)
      if (modes[0] === 'pass') closeSync(parent[0])
      else stopInput = copyIn(inputOf(modes[0]), parent[0])
      for (const fd of [1, 2] as const) {
        const mode = modes[fd]
        if (mode === 'pass') closeSync(parent[fd])
        else copies.push(copyOut(parent[fd], outputOf(mode, fd)))
      }
    },
    async finish() {
      stopInput()
      await Promise.allSettled(copies)
    },
  }
}

function inputOf(mode: 'file' | 'socket'): Readable {
  if (mode === 'file') return createReadStream('', { fd: 0, autoClose: false })
  return new Socket({ fd: 0, readable: true, writable: false })
}

function outputOf(mode: 'file' | 'socket', fd: 1 | 2): Writable {
  if (mode === 'file') return createWriteStream('', { fd, autoClose: false })
  return new Socket({ fd, readable: false, writable: true })
}

function copyIn(from: Readable, to: number): () => void {
  const pipe = new Socket({ fd: to, readable: false, writable: true })
  // The command may close its input before ours ends.
  pipe.on('error', () => from.destroy())
  from.on('error', () => pipe.destroy())
  from.pipe(pipe)
  return () => {
    from.destroy()
    pipe.destroy()
  }
}

/** Settles when all is written. `to` stays open: standard output and error may be one and the same socket. */
async function copyOut(from: number, to: Writable): Promise<void> {
  const pipe = new Socket({ fd: from, readable: true, writable: false })
  to.on('error', () => pipe.destroy())
  pipe.pipe(to, { end: false })
  await finished(pipe, { writable: false }).catch(() => {})
  await new Promise((resolve) => to.write('', resolve))
}
