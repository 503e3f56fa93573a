/** A machine that is ready to boot: what to start on the host, and which busybox its guest uses. */
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'

export interface BootRequest {
  /** Read by guest/init. */
  readonly jobFile: string
  /** Scratch of this run alone. */
  readonly folder: string
  readonly memoryMb: number
  /** Starts a process of the host, which is ended with the run. */
  readonly start: (command: string, args: readonly string[]) => ChildProcess
}

export interface Machine {
  readonly busybox: string
  /** The process whose standard output is the console. */
  boot(request: BootRequest): Promise<ChildProcess>
}

/** The package's folder, seen from dist/test/lab. */
export const project = join(import.meta.dirname, '../../..')

/** First program of a guest's root, which is the host's. */
export const guestInit = join(project, 'test/lab/guest/init')
