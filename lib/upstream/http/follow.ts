import { setTimeout as delay } from 'node:timers/promises'
import { McpoError, toMcpoError } from '../../errors.ts'
import { SseReader } from '../../protocol/sse-reader.ts'
import type { Flow } from './bodies.ts'
import type { RemoteAnswer } from './origin.ts'

export interface Following {
  readonly flow: Flow
  readonly maxEventBytes: number
  readonly signal: AbortSignal
  /** The data of one event; empty data is not given. */
  onData(data: readonly Buffer[]): void
  /** Nothing more is expected. */
  isDone(): boolean
  /** A new connection: the rest of the stream from behind this event. Null: there is no such stream, and never will be. */
  reopen(lastEventId: string): Promise<RemoteAnswer | null>
  /** Whether the rest can be asked for: a stream that belongs to one request needs an event id for it, in the modern era it cannot. */
  readonly resumable: 'always' | 'with-id' | 'never'
}

const firstRetryMs = 1000
const maxRetryMs = 30_000
/** Connections in a row that brought nothing. */
const maxFruitless = 5
/** A stream that lived this long was a good one, though it may have been silent. */
const goodAfterMs = 10_000

/**
 * Reads a stream of events to its end, over as many connections as it takes: the server may close one at any time and say when to
 * come back (2025-11-25, "Resumability and Redelivery"). Resolves when nothing more is to come; rejects when it must still be
 * expected, and cannot be had.
 */
export async function follow(first: RemoteAnswer | null, following: Following): Promise<void> {
  const state = { lastEventId: '', retryMs: firstRetryMs, fruitless: 0 }
  let answer = first
  while (true) {
    answer ??= await connect(state, following)
    if (answer === null) return
    await readOne(answer, state, following)
    if (following.isDone() || following.signal.aborted) return
    if (following.resumable !== 'always' && (following.resumable === 'never' || state.lastEventId === ''))
      throw brokenOff()
    if (state.fruitless >= maxFruitless) throw brokenOff()
    answer = null
    await pause(Math.min(maxRetryMs, state.retryMs * 2 ** state.fruitless), following.signal)
  }
}

interface State {
  lastEventId: string
  retryMs: number
  fruitless: number
}

async function readOne(answer: RemoteAnswer, state: State, following: Following): Promise<void> {
  const bornAt = performance.now()
  let events = 0
  const reader = new SseReader({
    maxEventBytes: following.maxEventBytes,
    onEvent: ({ type, data }) => {
      events += 1
      if (type === 'message' && data.length > 0) following.onData(data)
      if (following.isDone()) answer.body.destroy()
    },
  })
  await following.flow.readEvents(answer.body, reader)
  // As a header can carry it; an id that none can is as good as no id.
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(reader.lastEventId)) state.lastEventId = reader.lastEventId
  if (reader.retryMs !== null) state.retryMs = Math.min(reader.retryMs, maxRetryMs)
  state.fruitless = events > 0 || performance.now() - bornAt > goodAfterMs ? 0 : state.fruitless + 1
}

async function connect(state: State, following: Following): Promise<RemoteAnswer | null> {
  for (let failures = 0; ; failures += 1) {
    try {
      return await following.reopen(state.lastEventId)
    } catch (thrown) {
      const error = toMcpoError(thrown)
      if (failures + 1 >= maxFruitless || following.signal.aborted || !mayPass(error)) throw error
      await pause(Math.min(maxRetryMs, Math.max(state.retryMs, 100) * 2 ** failures), following.signal)
    }
  }
}

/** Without a status the network was at fault; a refusal of the server's stays one, unless it is overloaded or ending. */
function mayPass({ data }: McpoError): boolean {
  const status = data?.['status']
  return typeof status !== 'number' || status === 429 || status >= 500
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => {})
}

export function brokenOff(): McpoError {
  return new McpoError('TRANSPORT_ERROR', 'The server ended its stream of events without an answer')
}
