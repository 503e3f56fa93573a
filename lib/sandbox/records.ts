/** Reading the records of a pipe until its other end closes. */
import { closeSync, read } from 'node:fs'
import { Socket } from 'node:net'
import { decodeStatus, type StatusRecord } from '../native/index.ts'

export interface RecordsOfPipe {
  /** Settles when the pipe has closed. Never rejects: an error of the pipe is an end like another. */
  readonly ended: Promise<void>
  /** Settles `ended` now. */
  abandon(): void
}

/** Each record as it comes. The descriptor is theirs from now on, and blocking so far. */
type ReadRecords = (fd: number, take: (record: StatusRecord) => void) => RecordsOfPipe

let readHere: ReadRecords = inLoop

/** More than a record, less than a page of them. */
const chunkBytes = 16 * 1024

/**
 * For a process that starts one sandbox and waits for it: each pipe keeps one of libuv's four threads, and node:net, which
 * takes a sixth of the whole CPU time, is not loaded.
 */
export function readByThreads(): void {
  if (process.env['UV_THREADPOOL_SIZE'] === undefined) readHere = byThread
}

export const readRecords: ReadRecords = (fd, take) => readHere(fd, take)

function inLoop(fd: number, take: (record: StatusRecord) => void): RecordsOfPipe {
  const decode = decodeStatus()
  const pipe = new Socket({ fd, readable: true, writable: false })
  const ended = new Promise<void>((resolve) => {
    pipe.on('data', (chunk: Buffer) => decode(chunk).forEach(take))
    pipe.on('error', () => pipe.destroy())
    pipe.on('end', () => {
      // 'close' comes a turn of the loop later.
      resolve()
      pipe.destroy()
    })
    pipe.on('close', () => resolve())
  })
  return { ended, abandon: () => pipe.destroy() }
}

function byThread(fd: number, take: (record: StatusRecord) => void): RecordsOfPipe {
  const decode = decodeStatus()
  const chunk = Buffer.alloc(chunkBytes)
  let abandon = (): void => {}
  const ended = new Promise<void>((resolve) => {
    abandon = resolve
    const readOn = (): void =>
      read(fd, chunk, 0, chunkBytes, null, (error, bytes) => {
        if (error !== null || bytes === 0) {
          closeSync(fd)
          return resolve()
        }
        decode(chunk.subarray(0, bytes)).forEach(take)
        readOn()
      })
    readOn()
  })
  return { ended, abandon }
}
