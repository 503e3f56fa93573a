/** The life of one launcher: its status records, its end, and ending it. Knows nothing of policies. */
import { closeSync, readSync, writeSync } from 'node:fs'
import { constants } from 'node:os'
import { McpoError } from '../errors.ts'
import {
  decodeStatus,
  isNativeFailure,
  type NativeChild,
  type NativeEnding,
  type NativeFailure,
  reap,
  type StatusRecord,
  signal,
  signalName,
} from '../native/index.ts'
import type { StepFailure } from '../policy/host.ts'
import type { ExitStatus, PassedSignal, Proof } from './model.ts'
import { readProof } from './proof.ts'
import { type RecordsOfPipe, readRecords } from './records.ts'

/** How long the launcher has to end its sandbox once the lifeline is closed, before it is killed itself. */
const lifelineGraceMs = 2000
/** Between the end of the status pipe and the launcher being reapable lie microseconds: so many turns of the loop, and then pauses. */
const reapTurns = 100
const reapIntervalMs = 2

/** More than the longest record. */
const maxStepBytes = 4096

/** What the supervisor tells. */
export type ToldRecord = Extract<StatusRecord, { kind: 'refusal' | 'access' }>

export class Life {
  readonly pid: number
  /** Settles when the launcher is reaped, and with it every process of the sandbox. Never rejects. */
  readonly exited: Promise<ExitStatus>
  /** Settles when the self-check has passed and the server is executed next. Never, when it does not come to that. */
  readonly ready: Promise<Proof>
  /** Settles when the sockets of a way out have come. Never, where the plan has none. */
  readonly listening: Promise<void>
  /** The step that failed; the server was not executed. */
  failure: StepFailure | null = null
  /** The limit, if any, for which pid 1 of the sandbox ended the server: a name of the configuration. */
  endedFor: string | null = null
  /** What is weaker than planned. */
  readonly notes: string[] = []
  /** The step at which a launcher ended that was not ready, as far as it said. */
  step: Omit<StepFailure, 'errno'> = { step: 'launcher', detail: '' }

  readonly #child: NativeChild
  readonly #refusals: RecordsOfPipe
  #listeners: readonly number[] = []
  #markListening: () => void = () => {}
  #markReady: (proof: Proof) => void = () => {}
  #isReady = false
  #lifelineOpen = true
  #killed = false
  #reported: ExitStatus | null = null
  #killTimer: NodeJS.Timeout | undefined

  /** `onTold` hears of refused system calls, and of accesses that are explained, before `exited` settles. */
  constructor(child: NativeChild, onTold: (told: ToldRecord) => void = () => {}) {
    this.#child = child
    this.listening = new Promise((resolve) => {
      this.#markListening = resolve
    })
    this.#refusals = readRecords(child.refusals, (record) => {
      if (record.kind === 'refusal' || record.kind === 'access') onTold(record)
      else this.#take(record)
    })
    this.pid = child.pid
    this.ready = new Promise((resolve) => {
      this.#markReady = resolve
    })
    this.exited = readRecords(child.status, (record) => this.#take(record)).ended.then(async () => {
      const status = await this.#untilReaped()
      await this.#refusals.ended
      for (const fd of this.takeListeners()) closeSync(fd)
      return status
    })
  }

  /** To the server, by way of pid 1; see `SandboxedChild.signal`. */
  pass(name: PassedSignal): void {
    if (!this.#lifelineOpen) return
    try {
      writeSync(this.#child.lifeline, Uint8Array.of(constants.signals[name]))
    } catch {
      // EPIPE: it has just ended. EAGAIN: it does not take any of thousands of signals.
    }
  }

  /** The sockets of its network namespace on which the gateway serves, once `listening` has settled. From then on the caller's. */
  takeListeners(): readonly number[] {
    const taken = this.#listeners
    this.#listeners = []
    return taken
  }

  /** Ends every process of the sandbox: pid 1 sees the lifeline close, and the kernel ends the rest with it. */
  kill(): void {
    if (!this.#lifelineOpen) return
    this.#killed = true
    this.#closeLifeline()
    this.#killTimer = setTimeout(() => signal(this.#child.pidfd, 'SIGKILL'), lifelineGraceMs)
    this.#killTimer.unref()
  }

  #take(record: StatusRecord): void {
    switch (record.kind) {
      case 'failure':
        this.failure ??= { step: record.step, errno: record.errno, detail: record.detail }
        return
      case 'ready':
        this.#isReady = true
        this.#markReady(readProof(record.facts))
        return
      case 'note':
        this.notes.push(record.errno === 'E0' ? record.text : `${record.text} (${record.errno})`)
        return
      case 'limit':
        this.endedFor = record.limit
        return
      case 'listeners':
        this.#listeners = record.descriptors
        this.#markListening()
        return
      case 'progress':
      case 'refusal':
      case 'access':
        return
      case 'exit':
        this.#reported = { code: record.code, signal: record.signal === null ? null : signalName(record.signal) }
        return
    }
  }

  async #untilReaped(): Promise<ExitStatus> {
    this.#closeLifeline()
    let ending = reap(this.#child.pidfd)
    for (let turn = 0; ending === null && turn < reapTurns; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve))
      ending = reap(this.#child.pidfd)
    }
    for (let waitedMs = 0; ending === null; waitedMs += reapIntervalMs) {
      if (waitedMs >= lifelineGraceMs) signal(this.#child.pidfd, 'SIGKILL')
      await new Promise((resolve) => setTimeout(resolve, reapIntervalMs))
      ending = reap(this.#child.pidfd)
    }
    // Somebody else reaped it, and the supervisor will not hear of its end.
    if (isNativeFailure(ending)) this.#refusals.abandon()
    clearTimeout(this.#killTimer)
    closeSync(this.#child.pidfd)
    if (!this.#isReady) this.step = lastStep(this.#child.step) ?? this.step
    closeSync(this.#child.step)
    return this.#reported ?? this.#endingOf(ending)
  }

  /** A sandbox that was ended from outside has nothing to report; what its launcher returns is no status of the server. */
  #endingOf(ending: NativeEnding | NativeFailure): ExitStatus {
    if (this.#killed) return { code: null, signal: 'SIGKILL' }
    // ECHILD: somebody else reaped it; it is gone all the same.
    return isNativeFailure(ending) ? { code: null, signal: null } : ending
  }

  #closeLifeline(): void {
    if (!this.#lifelineOpen) return
    this.#lifelineOpen = false
    closeSync(this.#child.lifeline)
  }
}

function lastStep(file: number): Omit<StepFailure, 'errno'> | null {
  const record = Buffer.alloc(maxStepBytes)
  const [last] = decodeStatus()(record.subarray(0, readSync(file, record, 0, maxStepBytes, 0)))
  return last?.kind === 'progress' ? { step: last.step, detail: last.detail } : null
}

/** Of a native call that failed. */
export function nativeError(failure: NativeFailure, what: string): McpoError {
  return new McpoError('SANDBOX_ERROR', `${what} failed: ${failure.stage}: ${failure.errno}`, {
    data: { step: failure.stage, errno: failure.errno },
  })
}
