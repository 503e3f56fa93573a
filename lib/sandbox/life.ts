/** The life of one launcher: its status records, its end, and ending it. Knows nothing of policies. */
import { closeSync } from 'node:fs'
import { Socket } from 'node:net'
import { constants } from 'node:os'
import { McpoError } from '../errors.ts'
import { type NativeChild, reap, signal } from '../native/index.ts'
import { StatusReader, type StatusRecord } from '../native/status.ts'
import type { StepFailure } from '../policy/host.ts'
import type { ExitStatus } from './model.ts'

/** How long the launcher has to end its sandbox once the lifeline is closed, before it is killed itself. */
const lifelineGraceMs = 2000
/** Between the end of the status pipe and the launcher being reapable lie microseconds. */
const reapIntervalMs = 2

export interface LifeEvents {
  /** The self-check passed; the server is executed next. */
  readonly ready: (facts: string) => void
  /** A step failed; nothing runs, or nothing more. */
  readonly failed: (failure: StepFailure) => void
  /** Something is weaker than planned. */
  readonly note: (text: string) => void
}

export class Life {
  readonly pid: number
  /** Settles when the launcher is reaped, and with it every process of the sandbox. Never rejects. */
  readonly exited: Promise<ExitStatus>
  /** The step that the launcher is at, as far as it said. */
  step: StepFailure = { step: 'launcher', errno: '', detail: '' }

  readonly #child: NativeChild
  readonly #events: LifeEvents
  #lifelineOpen = true
  #reported: ExitStatus | null = null
  #killTimer: NodeJS.Timeout | undefined

  constructor(child: NativeChild, events: LifeEvents) {
    this.#child = child
    this.#events = events
    this.pid = child.pid
    this.exited = this.#untilStatusEnds().then(() => this.#untilReaped())
  }

  /** Ends every process of the sandbox: pid 1 sees the lifeline close, and the kernel ends the rest with it. */
  kill(): void {
    if (!this.#lifelineOpen) return
    this.#closeLifeline()
    this.#killTimer = setTimeout(() => signal(this.#child.pidfd, constants.signals.SIGKILL), lifelineGraceMs)
    this.#killTimer.unref()
  }

  #untilStatusEnds(): Promise<void> {
    const reader = new StatusReader()
    const pipe = new Socket({ fd: this.#child.status, readable: true, writable: false })
    return new Promise((resolve) => {
      pipe.on('data', (chunk: Buffer) => {
        for (const record of reader.push(chunk)) this.#take(record)
      })
      // An error of the pipe is an end like another: reaping tells the rest.
      pipe.on('error', () => this.kill())
      pipe.on('close', () => resolve())
      pipe.on('end', () => pipe.destroy())
    })
  }

  #take(record: StatusRecord): void {
    switch (record.kind) {
      case 'progress':
        this.step = { step: record.step, errno: '', detail: record.detail }
        return
      case 'failure':
        this.#events.failed({ step: record.step, errno: record.errno, detail: record.detail })
        return
      case 'ready':
        this.#events.ready(record.facts)
        return
      case 'note':
        this.#events.note(record.text)
        return
      case 'exit':
        this.#reported = { code: record.code, signal: record.signal }
        return
    }
  }

  async #untilReaped(): Promise<ExitStatus> {
    this.#closeLifeline()
    let ending = reap(this.#child.pid, this.#child.pidfd)
    for (let waitedMs = 0; ending === null; waitedMs += reapIntervalMs) {
      if (waitedMs >= lifelineGraceMs) signal(this.#child.pidfd, constants.signals.SIGKILL)
      await new Promise((resolve) => setTimeout(resolve, reapIntervalMs))
      ending = reap(this.#child.pid, this.#child.pidfd)
    }
    clearTimeout(this.#killTimer)
    closeSync(this.#child.pidfd)
    return this.#reported ?? ending
  }

  #closeLifeline(): void {
    if (!this.#lifelineOpen) return
    this.#lifelineOpen = false
    closeSync(this.#child.lifeline)
  }
}

/** Of a native call that failed. */
export function nativeError(failure: { stage: string; errno: string }, what: string): McpoError {
  return new McpoError('SANDBOX_ERROR', `${what} failed: ${failure.stage}: ${failure.errno}`, {
    data: { step: failure.stage, errno: failure.errno },
  })
}
