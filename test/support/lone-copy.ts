/** One copy of a scripted server without a gateway around it: what happens to each of its calls is written down. */
import type { McpoError } from '../../lib/errors.ts'
import { scanChunkJs } from '../../lib/protocol/scan.ts'
import { Instance } from '../../lib/upstream/instance.ts'
import type { Log } from '../../lib/upstream/model.ts'
import { requestOf } from '../../lib/upstream/outgoing.ts'
import { StdioConnection } from '../../lib/upstream/stdio.ts'
import { server } from '../fixtures/gateway.ts'
import { type Puppet, puppets } from './puppet.ts'

export interface Outcome {
  /** JSON text of the result or the error that the server gave. */
  readonly answer?: string | null
  readonly error?: McpoError
}

export interface LoneCopy {
  readonly instance: Instance
  readonly puppet: Puppet
  readonly lines: readonly { readonly level: string; readonly text: string }[]
  /** Settles with its first outcome. Its id is the next one, from 1. */
  call(params?: string, timeoutMs?: number): Promise<Outcome>
  /** Of all calls, by id, every outcome that was told. */
  readonly outcomes: ReadonlyMap<number, readonly Outcome[]>
}

export async function loneCopy(maxMessageBytes = 1024): Promise<LoneCopy> {
  const { start, all } = puppets({})
  const settings = server('fix', [])
  const child = await start(settings, () => {})
  const lines: { level: string; text: string }[] = []
  const counters = { native: 0, twin: 0, rejected: 0 }
  const instance = new Instance({
    settings,
    opened: {
      connect: (events) =>
        new StdioConnection(
          child,
          { server: 'fix', scan: scanChunkJs, counters, maxMessageBytes, endlessBytes: 4 * maxMessageBytes },
          events,
        ),
      discard() {},
    },
    limits: { maxMessageBytes, maxCalls: 10_000 },
    log: logInto(lines),
  })
  const [puppet] = all
  if (puppet === undefined) throw new Error('no copy was started')
  const outcomes = new Map<number, Outcome[]>()
  return { instance, puppet, lines, outcomes, call: (...args) => callOf(instance, outcomes, ...args) }
}

/** Throws what `request` throws. */
function callOf(
  instance: Instance,
  outcomes: Map<number, Outcome[]>,
  params = '{}',
  timeoutMs = 60_000,
): Promise<Outcome> {
  const told: Outcome[] = []
  let settle: (outcome: Outcome) => void = () => {}
  const first = new Promise<Outcome>((resolve) => {
    settle = resolve
  })
  const tell = (outcome: Outcome): void => {
    told.push(outcome)
    settle(outcome)
  }
  const id = instance.request({
    write: (id) => requestOf(id, 'tools/call', params),
    token: null,
    limit: { ms: timeoutMs },
    listener: {
      onAnswer: (answer) => tell({ answer: answer.raw('result') ?? answer.raw('error') }),
      onFailure: (error) => tell({ error }),
    },
  })
  outcomes.set(id, told)
  return first
}

function logInto(lines: { level: string; text: string }[]): Log {
  const record = (level: string) => (_: object, text: string) => void lines.push({ level, text })
  return { debug: record('debug'), info: record('info'), warn: record('warn'), error: record('error') }
}
