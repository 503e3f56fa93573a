/** A gateway between clients of raw bytes and scripted servers of raw bytes. */
import { httpLimits } from '../../lib/http/server.ts'
import { type ScanChunk, scanChunkJs } from '../../lib/protocol/scan.ts'
import { server, startGateway, type TestGateway } from '../fixtures/gateway.ts'
import { openingOf } from '../fixtures/wire.ts'
import { type Puppets, puppets, type Script, type Writer } from './puppet.ts'
import { type Headers, RawClient } from './raw-client.ts'

export interface Bench extends Puppets {
  readonly gateway: TestGateway
  client(path: string): RawClient
  stop(): Promise<void>
}

export type ScriptedServers = Readonly<Record<string, Script>>

export async function startBench(
  scripts: ScriptedServers,
  overrides: Parameters<typeof server>[2] = {},
  scan: ScanChunk = scanChunkJs,
): Promise<Bench> {
  const cast = puppets(scripts)
  const names = Object.keys(scripts)
  const settings = names.map((name) => server(name, [], { maxInstances: 64, ...overrides }))
  const gateway = await startGateway(settings, {}, { type: 'none' }, cast.start, httpLimits, scan)
  const clients: RawClient[] = []
  const client = (path: string): RawClient => {
    const made = new RawClient(gateway.url + path)
    clients.push(made)
    return made
  }
  const stop = async (): Promise<void> => {
    for (const made of clients) made.close()
    await gateway.gateway.stop(0)
  }
  return { ...cast, gateway, client, stop }
}

/** JSON text of the answers by method, `null` for what is no answer and is taken silently. */
export type Answers = Readonly<Record<string, string | null>>

const legacyAnswers: Answers = {
  initialize:
    '{"protocolVersion":"2025-11-25","capabilities":{"tools":{},"prompts":{},"resources":{"subscribe":true},"logging":{},"completions":{},"tasks":{"list":{}}},"serverInfo":{"name":"p","version":"1"}}',
  'notifications/initialized': null,
}
const modernAnswers: Answers = {
  'server/discover':
    '{"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{},"prompts":{},"resources":{},"logging":{},"completions":{}},"ttlMs":0,"cacheScope":"private"}',
}

/** A script for whatever can be written to. */
export type PlainScript = (line: string, server: Writer) => boolean

/** A server of the era before 2026-07-28, with what else it answers by itself. */
export function legacyScript(more: Answers = {}): PlainScript {
  return scriptOf({ ...legacyAnswers, ...more }, new Set(['server/discover']))
}

export function modernScript(more: Answers = {}): PlainScript {
  return scriptOf({ ...modernAnswers, ...more }, new Set(['initialize']))
}

function scriptOf(answers: Answers, refused: ReadonlySet<string>): PlainScript {
  return (line, puppet) => {
    const method = methodOf(line)
    if (refused.has(method)) reply(puppet, line, '"error":{"code":-32601,"message":"no"}')
    else if (!Object.hasOwn(answers, method)) return false
    else if (answers[method] !== null) reply(puppet, line, `"result":${answers[method]}`)
    return true
  }
}

function reply(puppet: Writer, line: string, outcome: string): void {
  puppet.write(`{"jsonrpc":"2.0","id":${JSON.stringify(JSON.parse(line).id)},${outcome}}\n`)
}

function methodOf(line: string): string {
  const { method } = JSON.parse(line) as { method?: unknown }
  return typeof method === 'string' ? method : ''
}

export interface RawSession {
  readonly client: RawClient
  readonly headers: Headers
}

export async function openRawSession(client: RawClient, capabilities: object = {}): Promise<RawSession> {
  const opened = await client.post({}, JSON.stringify(openingOf('2025-11-25', capabilities))).reply
  const id = opened.headers['mcp-session-id']
  if (typeof id !== 'string') throw new Error(`no session: ${opened.status} ${opened.body}`)
  const headers = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' }
  await client.post(headers, '{"jsonrpc":"2.0","method":"notifications/initialized"}').reply
  return { client, headers }
}
