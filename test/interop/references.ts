/** What clients get from the servers without a gateway, asked once for each family of clients. */
import { connectDirectly, type Family } from './clients.ts'
import type { ListMethod, Peer } from './peer.ts'
import { asTheyAre, type Element, listAll, listMethods, playerOf } from './players.ts'
import type { InteropServer } from './servers.ts'
import { plain, play, type Transcript } from './transcript.ts'

const methodNotFound = -32601

export interface Reference {
  readonly introduction: Peer['introduction']
  readonly lists: Readonly<Record<ListMethod, readonly Element[]>>
  readonly transcript: Transcript
}

export class References {
  private readonly servers: readonly InteropServer[]
  private readonly files: string
  private readonly known = new Map<string, Promise<Reference>>()

  constructor(servers: readonly InteropServer[], files: string) {
    this.servers = servers
    this.files = files
  }

  of(family: Family, server: InteropServer): Promise<Reference> {
    const spoken = family === 'sdk 2.x modern' && !server.eras.includes('modern') ? 'sdk 2.x legacy' : family
    const key = `${spoken} ${JSON.stringify(server.direct)}`
    const known = this.known.get(key) ?? ask(spoken, server, this.files, `direct${this.known.size}`)
    this.known.set(key, known)
    return known
  }

  /** In the order of the configuration. */
  all(family: Family): Promise<Reference[]> {
    return Promise.all(this.servers.map((server) => this.of(family, server)))
  }
}

async function ask(family: Family, server: InteropServer, files: string, id: string): Promise<Reference> {
  const peer = await connectDirectly(family, server.direct, files)
  const lists = await listsOf(peer, id)
  const transcript = await play(server, playerOf(peer, id, files, asTheyAre), asTheyAre)
  await peer.close()
  return { introduction: peer.introduction, lists, transcript }
}

/** A server without a list refuses to give it. */
export async function listsOf(peer: Peer, id: string): Promise<Reference['lists']> {
  const entries: [ListMethod, Element[]][] = []
  for (const method of listMethods) {
    const elements = await listAll(peer, method).catch((error: { code?: unknown }) => {
      if (error.code === methodNotFound) return []
      throw error
    })
    entries.push([method, plain(elements, id, asTheyAre) as Element[]])
  }
  return Object.fromEntries(entries) as Record<ListMethod, Element[]>
}
