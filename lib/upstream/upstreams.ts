import { McpoError } from '../errors.ts'
import type { ScanChunk } from '../protocol/scan.ts'
import type { ServerFacts } from './probe.ts'
import { type ServerOptions, UpstreamServer } from './server.ts'

export interface KnownServer {
  readonly server: UpstreamServer
  readonly facts: ServerFacts
}

/** All enabled servers, in the order of the configuration. */
export class Upstreams {
  readonly scan: ScanChunk
  private readonly servers: ReadonlyMap<string, UpstreamServer>

  constructor(servers: readonly ServerOptions['settings'][], options: Omit<ServerOptions, 'settings'>) {
    this.scan = options.scan
    const enabled = servers.filter((settings) => settings.enabled)
    this.servers = new Map(enabled.map((settings) => [settings.name, new UpstreamServer({ ...options, settings })]))
  }

  get all(): readonly UpstreamServer[] {
    return [...this.servers.values()]
  }

  get callsInFlight(): number {
    return this.all.reduce((sum, server) => sum + server.pool.callsInFlight, 0)
  }

  find(name: string): UpstreamServer | undefined {
    return this.servers.get(name)
  }

  /** Throws SERVER_NOT_FOUND. */
  get(name: string): UpstreamServer {
    const server = this.find(name)
    if (server === undefined) throw new McpoError('SERVER_NOT_FOUND', `There is no server "${name}"`)
    return server
  }

  /** Starts and asks every server at once, in the background. What fails is logged and stops nobody else. */
  boot(): void {
    for (const server of this.all) server.facts().catch(() => {})
  }

  /** The servers that have answered within `withinMs`. Those that failed or are still starting are left out. */
  async known(withinMs: number): Promise<readonly KnownServer[]> {
    const late = new Promise<null>((resolve) => setTimeout(resolve, withinMs, null).unref())
    const known = this.all.map(async (server) => {
      const facts = await Promise.race([server.known(), late])
      return facts === null ? null : { server, facts }
    })
    return (await Promise.all(known)).filter((entry) => entry !== null)
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((server) => server.pool.stop()))
  }
}
