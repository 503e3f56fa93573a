import type { ListKey } from '../protocol/lists.ts'
import type { Revision } from '../protocol/revisions/index.ts'
import type { UpstreamServer } from '../upstream/server.ts'
import type { KnownServer, Upstreams } from '../upstream/upstreams.ts'
import { unavailableMeta } from './aggregate/unavailable.ts'
import { capabilitiesOf } from './capabilities.ts'
import { publicName, splitPublicName } from './names.ts'

/** Requests that need every server's facts wait this long for servers that are still starting. */
const patienceMs = 10_000
/** Of one server: it takes no room from the others. */
const maxShortened = 10_000
/** A longer name is not remembered, and cannot be called by its shortened one. */
const maxNameLength = 4096

/** A public name understood. */
export interface Target {
  readonly server: UpstreamServer
  /** What the server itself calls it; null: not known until the server was asked for its list. */
  readonly name: string | null
}

/** What all servers together offer, and who has what. */
export class Catalog {
  readonly upstreams: Upstreams
  /** By server, shortened public names and what they stand for: the same for every client, since they depend on the name alone. */
  private readonly shortened = new Map<string, Map<string, string>>()

  constructor(upstreams: Upstreams) {
    this.upstreams = upstreams
  }

  known(): Promise<readonly KnownServer[]> {
    return this.upstreams.known(patienceMs)
  }

  /** The servers that said they have a capability. */
  async having(capability: string): Promise<UpstreamServer[]> {
    const known = await this.known()
    return known.filter(({ facts }) => facts.capabilities[capability] !== undefined).map(({ server }) => server)
  }

  /** The names of the enabled servers that are not known: they are down, or still starting. */
  missing(known: readonly KnownServer[]): string[] {
    const present = new Set(known.map(({ server }) => server))
    return this.upstreams.all.filter((server) => !present.has(server)).map(({ name }) => name)
  }

  /** Null: no enabled server can have given this name. */
  resolve(name: string): Target | null {
    const parts = splitPublicName(name)
    const server = parts === null ? undefined : this.upstreams.find(parts.server)
    if (parts === null || server === undefined) return null
    return { server, name: parts.name ?? this.shortened.get(server.name)?.get(name) ?? null }
  }

  /** Learns from a list which long names were shortened to what. */
  learn(server: string, key: ListKey, names: readonly string[]): void {
    if (key !== 'tools' && key !== 'prompts') return
    const known = this.shortened.get(server) ?? new Map<string, string>()
    this.shortened.set(server, known)
    for (const name of names) {
      const shown = publicName(server, name)
      const isShortened = splitPublicName(shown)?.name === null && name.length <= maxNameLength
      if (isShortened && known.size < maxShortened) known.set(shown, name)
    }
  }

  /** What the aggregate says about itself to clients of an era: what it can do, how to use it, who is missing. */
  async introduction(era: Revision['era']): Promise<Introduction> {
    const known = await this.known()
    const instructions = instructionsOf(known)
    return {
      capabilities: capabilitiesOf(known, era),
      ...(instructions === null ? {} : { instructions }),
      meta: unavailableMeta(this.missing(known)),
    }
  }
}

export interface Introduction {
  readonly capabilities: Record<string, object>
  readonly instructions?: string
  readonly meta: Record<string, unknown>
}

/** Every server's, under its name. */
function instructionsOf(known: readonly KnownServer[]): string | null {
  const parts = known.flatMap(({ server, facts }) =>
    facts.instructions === null ? [] : [`# ${server.name}\n\n${facts.instructions}`],
  )
  return parts.length === 0 ? null : parts.join('\n\n')
}
