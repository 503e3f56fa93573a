/** The clients: SDK 1.x and 2.x, each over what it can speak, to the gateway and to a server directly. */
import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernHttp,
  SSEClientTransport as ModernSse,
} from '@modelcontextprotocol/client'
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { gatewayProgram } from '../support/gateway-process.ts'
import { capabilities, clientInfo, type Peer, prepareFirst, prepareSecond } from './peer.ts'
import type { Direct } from './servers.ts'

/** SDK and era: what one of these gets from a server directly, another of the same kind must get through the gateway. */
export type Family = 'sdk 1.x' | 'sdk 2.x legacy' | 'sdk 2.x modern'

export interface ClientKind {
  readonly name: string
  readonly family: Family
  /** Null is all servers. */
  connect(gateway: GatewayAddress, endpoint: string | null, folder: string): Promise<Peer>
}

export interface GatewayAddress {
  readonly origin: string
  /** For those that start a gateway of their own. */
  readonly configuration: string
  readonly env: NodeJS.ProcessEnv
}

export const clientKinds: readonly ClientKind[] = [
  {
    name: 'sdk 1.x http',
    family: 'sdk 1.x',
    connect: (gateway, endpoint, folder) => first(http(StreamableHTTPClientTransport, gateway, endpoint), folder),
  },
  {
    name: 'sdk 1.x sse',
    family: 'sdk 1.x',
    connect: ({ origin }, endpoint, folder) =>
      first(new SSEClientTransport(new URL(endpoint === null ? '/sse' : `/sse/${endpoint}`, origin)), folder),
  },
  {
    name: 'sdk 1.x stdio',
    family: 'sdk 1.x',
    connect: (gateway, endpoint, folder) => first(new StdioClientTransport(program(gateway, endpoint)), folder),
  },
  ...(['legacy', 'auto', '2026-07-28'] as const).map(
    (mode): ClientKind => ({
      name: `sdk 2.x http ${mode}`,
      family: mode === 'legacy' ? 'sdk 2.x legacy' : 'sdk 2.x modern',
      connect: (gateway, endpoint, folder) => second(http(ModernHttp, gateway, endpoint), folder, mode),
    }),
  ),
  {
    name: 'sdk 2.x stdio 2026-07-28',
    family: 'sdk 2.x modern',
    connect: (gateway, endpoint, folder) => second(new ModernStdio(program(gateway, endpoint)), folder, '2026-07-28'),
  },
]

/** Without a gateway. A server that does not know the modern era is spoken to in the other one. */
export function connectDirectly(family: Family, direct: Direct, folder: string): Promise<Peer> {
  if (family === 'sdk 1.x') return first(directTransport(direct, firstTransports), folder)
  const mode = family === 'sdk 2.x modern' ? '2026-07-28' : 'legacy'
  return second(directTransport(direct, secondTransports), folder, mode)
}

const firstTransports = { stdio: StdioClientTransport, http: StreamableHTTPClientTransport, sse: SSEClientTransport }
const secondTransports = { stdio: ModernStdio, http: ModernHttp, sse: ModernSse }

type Transports<S, H, E> = {
  readonly stdio: new (program: { command: string; args: string[]; env: Record<string, string>; stderr: 'ignore' }) => S
  readonly http: new (url: URL) => H
  readonly sse: new (url: URL) => E
}

function directTransport<S, H, E>(direct: Direct, transports: Transports<S, H, E>): S | H | E {
  if (direct.type !== 'stdio') return new transports[direct.type](new URL(direct.url))
  const { args, env } = direct
  return new transports.stdio({ command: process.execPath, args: [...args], env: { ...env }, stderr: 'ignore' })
}

function http<T>(Transport: new (url: URL) => T, { origin }: GatewayAddress, endpoint: string | null): T {
  return new Transport(new URL(endpoint === null ? '/mcp' : `/mcp/${endpoint}/mcp`, origin))
}

function program({ configuration, env }: GatewayAddress, endpoint: string | null) {
  const one = endpoint === null ? [] : ['--server', endpoint]
  return {
    command: process.execPath,
    args: [gatewayProgram, 'serve', '--stdio', '-c', configuration, ...one],
    env: env as Record<string, string>,
    stderr: 'ignore' as const,
  }
}

type FirstTransport = StreamableHTTPClientTransport | SSEClientTransport | StdioClientTransport

async function first(transport: FirstTransport, folder: string): Promise<Peer> {
  const client = new Client(clientInfo, { capabilities })
  const peer = prepareFirst(client, folder, !(transport instanceof StreamableHTTPClientTransport))
  // The SDK's own types do not agree with exactOptionalPropertyTypes.
  await client.connect(transport as never)
  return peer()
}

async function second(
  transport: ModernHttp | ModernSse | ModernStdio,
  folder: string,
  mode: 'legacy' | 'auto' | '2026-07-28',
): Promise<Peer> {
  const versionNegotiation = { mode: mode === '2026-07-28' ? { pin: mode } : mode } as const
  const client = new ModernClient(clientInfo, { capabilities, versionNegotiation })
  const peer = prepareSecond(client, folder, !(transport instanceof ModernHttp))
  await client.connect(transport)
  return peer()
}
