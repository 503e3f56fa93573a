/** A legacy hub in front of a scripted server, asked as the front end asks it. */

import type { McpoError } from '../../../../../lib/errors.ts'
import type { BridgedCall } from '../../../../../lib/gateway/bridge/modern-to-legacy/bridged-call.ts'
import { LegacyHub } from '../../../../../lib/gateway/bridge/modern-to-legacy/legacy-hub.ts'
import { Parking } from '../../../../../lib/gateway/bridge/modern-to-legacy/parking.ts'
import { RequestStates } from '../../../../../lib/gateway/bridge/modern-to-legacy/request-state.ts'
import { scanChunkJs } from '../../../../../lib/protocol/scan.ts'
import type { Outgoing } from '../../../../../lib/upstream/model.ts'
import { UpstreamServer } from '../../../../../lib/upstream/server.ts'
import { server as settingsOf, silent } from '../../../../fixtures/gateway.ts'
import type { Message } from '../../../../fixtures/wire.ts'
import { type Puppet, type Puppets, puppets, type Script } from '../../../../support/puppet.ts'
import { type Answers, legacyScript } from '../../../../support/relay-bench.ts'
import { messageOf } from '../../../protocol/bridge/modern-to-legacy/spliced.ts'

export type Answer = Pick<Message, 'result'> | { readonly result?: undefined; readonly error: McpoError }

export interface Asked {
  /** The answer as the client sees it, or the failure. */
  readonly answer: Promise<Answer>
  /** What came before the answer. */
  readonly events: readonly Message[]
  /** The client goes away. */
  leave(): void
}

export interface Request {
  readonly principal?: string
  readonly client?: string
  readonly method?: string
  readonly params?: object
  readonly capabilities?: object
}

export interface Stand extends Puppets {
  readonly server: UpstreamServer
  readonly parking: Parking<BridgedCall>
  ask(request?: Request): Asked
  /** The copy that a `tools/call` has reached, and the id of the call there. */
  reached(): Promise<{ readonly copy: Puppet; readonly id: number; readonly line: Message }>
  stop(): Promise<void>
}

const prefix = 'io.modelcontextprotocol/'

export function openStand(
  overrides: Parameters<typeof settingsOf>[2] = {},
  maxParkedMs?: number,
  answers: Answers = { ping: '{}', 'logging/setLevel': '{}' },
): Stand {
  const calls = new Queue<{ copy: Puppet; id: number; line: Message }>()
  const known = legacyScript(answers)
  const script: Script = (text, copy) => {
    if (known(text, copy)) return true
    const line = JSON.parse(text)
    if (line.method !== 'tools/call') return false
    calls.push({ copy, id: line.id, line })
    return true
  }
  const cast = puppets({ one: script })
  const limits = { maxMessageBytes: 1 << 26, maxCalls: 64 }
  const counters = { native: 0, twin: 0, rejected: 0 }
  const settings = settingsOf('one', [], overrides)
  const server = new UpstreamServer({ settings, start: cast.start, scan: scanChunkJs, counters, log: silent, limits })
  const parking = new Parking<BridgedCall>(maxParkedMs)
  const hub = new LegacyHub(server, new RequestStates(), parking)
  return {
    ...cast,
    server,
    parking,
    ask: (request = {}) => ask(hub, request),
    reached: () => calls.next(),
    stop: () => server.pool.stop(),
  }
}

/** The request of a server that asks a person something. */
export function question(id: string, message = id): string {
  const params = { message, requestedSchema: { type: 'object', properties: {} } }
  return `${JSON.stringify({ jsonrpc: '2.0', id, method: 'elicitation/create', params })}\n`
}

export function answerOf(id: number | string, text = 'done'): string {
  return `${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } })}\n`
}

/** The members of a retry that answers everything. */
export function retryOf(result: { requestState: string; inputRequests: object }): object {
  const answers = Object.keys(result.inputRequests).map((key) => [key, { action: 'accept', content: {} }])
  return { requestState: result.requestState, inputResponses: Object.fromEntries(answers) }
}

function ask(hub: LegacyHub, request: Request): Asked {
  const {
    principal = 'me',
    client = 'test',
    method = 'tools/call',
    params = {},
    capabilities = { elicitation: {} },
  } = request
  const meta = {
    [`${prefix}protocolVersion`]: '2026-07-28',
    [`${prefix}clientInfo`]: { name: client, version: '1' },
    [`${prefix}clientCapabilities`]: capabilities,
    [`${prefix}logLevel`]: 'debug',
  }
  const message = { jsonrpc: '2.0', id: 1, method, params: { name: 'tool', ...params, _meta: meta } }
  const closers: (() => void)[] = []
  const events: Message[] = []
  let isOpen = true
  const answer = new Promise<Answer>((resolve) => {
    const reply = {
      get open() {
        return isOpen
      },
      onClose: (closer: () => void) => void closers.push(closer),
    }
    hub.wayOf(principal).call({
      request: messageOf(JSON.stringify(message)),
      // Of a reply the hub looks at these two only.
      reply: reply as never,
      edits: [],
      renamings: [],
      onEvent: (_, event) => void events.push(jsonOf(event)),
      onAnswer: (mapped) => resolve(jsonOf(mapped)),
      onFailure: (error) => resolve({ error }),
    })
  })
  const leave = () => {
    isOpen = false
    for (const closer of closers) closer()
  }
  return { answer, events, leave }
}

function jsonOf({ pieces }: Outgoing): Message {
  return JSON.parse(Buffer.concat(pieces).toString())
}

/** What came and was not taken yet. */
class Queue<T> {
  private readonly items: T[] = []
  private wake: (() => void) | null = null

  push(item: T): void {
    this.items.push(item)
    this.wake?.()
  }

  async next(): Promise<T> {
    for (;;) {
      const item = this.items.shift()
      if (item !== undefined) return item
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
  }
}
