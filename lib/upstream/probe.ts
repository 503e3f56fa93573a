import { errorTable, McpoError, toMcpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { isRecord } from '../protocol/records.ts'
import { type Era, newestLegacy, newestModern } from '../protocol/revisions/index.ts'
import { ask } from './ask.ts'
import { gatewayInfo } from './identity.ts'
import type { Instance } from './instance.ts'
import type { Pool } from './pool.ts'
import { startLimit } from './time-limit.ts'

/** What a server says about itself, in whichever era it speaks. */
export interface ServerFacts {
  /** `modern`: it answered `server/discover`, and may speak legacy as well. `legacy`: it answered `initialize` only. */
  readonly era: Era
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly instructions: string | null
  /** How it introduces itself; null when it does not. */
  readonly serverInfo: Readonly<Record<string, unknown>> | null
}

/** A discover that takes longer is taken for a server that does not know the method and keeps silent. */
const maxProbeMs = 10_000
const maxFactsBytes = 1024 * 1024
const unsupportedVersion = errorTable.UNSUPPORTED_PROTOCOL.rpc

/** What is assumed of a server that is said to be modern and does not describe itself: who lacks a feature says so when asked. */
const unsaid: ServerFacts = {
  era: 'modern',
  capabilities: { tools: {}, prompts: {}, resources: {}, completions: {} },
  instructions: null,
  serverInfo: null,
}

/**
 * Starts one copy and asks it. A modern server's copy becomes a shared one; a legacy server's copy is ended, since
 * it was initialised for the gateway and not for a client. A server that exits on the unknown method is asked again afresh.
 * `protocol` of the settings decides the era without asking for it, and so does `known`, as long as the server agrees.
 */
export function probe(pool: Pool, known: Era | null = null): Promise<ServerFacts> {
  return pool.examine((start) => examine(pool, known, start))
}

async function examine(pool: Pool, known: Era | null, start: () => Promise<Instance>): Promise<ServerFacts> {
  const { protocol, type } = pool.settings
  const instance = await start()
  // HTTP+SSE ended with the revision 2024-11-05.
  if (protocol === 'legacy' || type === 'sse') return initialize(instance)
  if (known === 'legacy') return (await initialised(instance)) ?? examine(pool, null, start)
  const discovered = await discover(instance)
  if (discovered === null && protocol === 'auto') {
    return initialize(instance.alive ? instance : await start())
  }
  pool.share(instance)
  return discovered ?? unsaid
}

async function discover(instance: Instance): Promise<ServerFacts | null> {
  const { version, envelope } = newestModern
  const meta = {
    [envelope.protocolVersion]: version,
    [envelope.clientCapabilities]: {},
    [envelope.clientInfo]: gatewayInfo,
  }
  const limit = startLimit(instance.settings)
  const half = { ...limit, ms: Math.min(maxProbeMs, limit.ms / 2) }
  try {
    const discoverOnce = () => ask(instance, 'server/discover', JSON.stringify({ _meta: meta }), half)
    const first = await discoverOnce()
    const answer = offers(first, version) ? await discoverOnce() : first
    const result = answer.isError ? null : resultOf(answer)
    const versions = result?.['supportedVersions']
    return Array.isArray(versions) && versions.includes(version) ? modernFacts(result ?? {}) : null
  } catch (thrown) {
    // It exited or kept silent: legacy servers do either.
    if (!instance.alive) instance.stopRequested = true
    if (instance.settings.type === 'stdio' || isRefusal(toMcpoError(thrown))) return null
    void instance.stop()
    throw thrown
  }
}

/** It refused the revision, and names it among those that it speaks: worth a second try. */
function offers(answer: Message, version: string): boolean {
  const span = answer.span('error')
  if (!answer.isError || span === null || span.end - span.start > maxFactsBytes) return false
  const { code, data } = JSON.parse(answer.raw('error') ?? '{}') as { code?: unknown; data?: unknown }
  const supported = isRecord(data) ? data['supported'] : null
  return code === unsupportedVersion && Array.isArray(supported) && supported.includes(version)
}

/** A remote server's status that may mean that it does not know the method, and is not about who asks or how busy it is. */
function isRefusal({ data }: McpoError): boolean {
  const status = data?.['status']
  return typeof status === 'number' && status >= 400 && status < 500 && ![401, 403, 407, 408, 429].includes(status)
}

/** Asks a copy that is of no further use, and ends it. */
async function initialize(instance: Instance): Promise<ServerFacts> {
  const answer = await opening(instance)
  if (!answer.isError) return legacyFacts(resultOf(answer))
  const why = answer.raw('error')?.slice(0, 500)
  throw new McpoError('TRANSPORT_ERROR', `Server "${instance.settings.name}" refused initialize: ${why}`)
}

/** As `initialize`; null when the server refuses. */
async function initialised(instance: Instance): Promise<ServerFacts | null> {
  const answer = await opening(instance)
  return answer.isError ? null : legacyFacts(resultOf(answer))
}

async function opening(instance: Instance): Promise<Message> {
  const params = { protocolVersion: newestLegacy.version, capabilities: {}, clientInfo: gatewayInfo }
  try {
    return await ask(instance, 'initialize', JSON.stringify(params), startLimit(instance.settings))
  } finally {
    void instance.stop()
  }
}

function resultOf(answer: Message): Record<string, unknown> {
  if (answer.byteLength > maxFactsBytes)
    throw new McpoError('TRANSPORT_ERROR', 'The server describes itself in more than 1 MiB')
  const result: unknown = JSON.parse(answer.raw('result') ?? '{}')
  return isRecord(result) ? result : {}
}

function legacyFacts(result: Record<string, unknown>): ServerFacts {
  return factsOf('legacy', result, result['serverInfo'])
}

function modernFacts(result: Record<string, unknown>): ServerFacts {
  const meta = result['_meta']
  return factsOf('modern', result, isRecord(meta) ? meta['io.modelcontextprotocol/serverInfo'] : null)
}

function factsOf(era: ServerFacts['era'], result: Record<string, unknown>, serverInfo: unknown): ServerFacts {
  const { capabilities, instructions } = result
  return {
    era,
    capabilities: isRecord(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : null,
    serverInfo: isRecord(serverInfo) ? serverInfo : null,
  }
}
