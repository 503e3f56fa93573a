/** One client at the gateway: on the endpoint of all servers, and on that of each. */
import { publicName } from '../../lib/gateway/names.ts'
import { ResourceRoutes } from '../../lib/gateway/resource-routes.ts'
import type { Checks } from './checks.ts'
import { type ClientKind, clientKinds, type Family, type GatewayAddress } from './clients.ts'
import type { ListMethod } from './peer.ts'
import { asTheyAre, type Element, listMethods, namingOf, playerOf } from './players.ts'
import { listsOf, type Reference, type References } from './references.ts'
import type { InteropServer } from './servers.ts'
import { play, type Transcript, without } from './transcript.ts'

export interface Place {
  readonly address: GatewayAddress
  readonly servers: readonly InteropServer[]
  readonly references: References
  readonly files: string
  readonly checks: Checks
}

/** On how many of the servers' own endpoints a client is, in turn: together the clients are on all of them. */
const oneIn = 4

export async function visit(kind: ClientKind, place: Place): Promise<void> {
  const turn = clientKinds.indexOf(kind)
  if (place.checks.has(`${kind.name} all`)) await guarded(`${kind.name} all`, place, () => visitAll(kind, place))
  for (const [at, server] of place.servers.entries()) {
    if (at % oneIn !== turn % oneIn) continue
    const title = `${kind.name} ${server.name}`
    if (place.checks.has(title)) await guarded(title, place, () => visitOne(title, kind, server, place))
  }
}

async function guarded(title: string, { checks }: Place, run: () => Promise<void>): Promise<void> {
  const from = performance.now()
  await run().catch((error: Error) => checks.fail(title, error))
  console.error(`${title}: ${((performance.now() - from) / 1000).toFixed(1)} s`)
}

async function visitOne(title: string, kind: ClientKind, server: InteropServer, place: Place): Promise<void> {
  const { checks, files } = place
  const id = idOf(title)
  const peer = await kind.connect(place.address, server.name, files)
  const reference = await place.references.of(kind.family, server)
  const { family } = kind
  const introduction = server.direct.type === 'stdio' ? reference.introduction : without(ofAll, reference.introduction)
  checks.equal(`${title}: introduction`, inEra(family, peer.introduction), inEra(family, introduction))
  const lists = await listsOf(peer, id)
  compareLists(title, kind, lists, reference.lists, checks)
  const transcript = await play(server, playerOf(peer, id, files, asTheyAre), asTheyAre)
  compare(title, kind, transcript, reference.transcript, checks)
  await peer.close()
}

async function visitAll(kind: ClientKind, place: Place): Promise<void> {
  const { checks, files, servers } = place
  const title = `${kind.name} all`
  const peer = await kind.connect(place.address, null, files)
  const references = await place.references.all(kind.family)
  const lists = await listsOf(peer, idOf(title))
  const expected = aggregated(servers, references)
  compareLists(title, kind, lists, expected, checks)
  const shown = new Set([...lists.listResources, ...lists.listResourceTemplates].map(uriOf))
  for (const [at, server] of servers.entries()) {
    const naming = namingOf(server.name, shown)
    const id = idOf(`${title} ${server.name}`)
    const transcript = await play(server, playerOf(peer, id, files, naming), naming)
    compare(`${title} ${server.name}`, kind, transcript, references[at]?.transcript ?? new Map(), checks)
  }
  await peer.close()
}

/** The lists of all servers as one, by the rules of the README. */
function aggregated(servers: readonly InteropServer[], references: readonly Reference[]): Reference['lists'] {
  const routes = new ResourceRoutes()
  const all = servers.map(({ name }, at) => ({ name, lists: references[at]?.lists }))
  const elements = (method: ListMethod, shown: (server: string, element: Element) => Element) =>
    all.flatMap(({ name, lists }) => (lists?.[method] ?? []).map((element) => shown(name, element)))
  const named = (server: string, element: Element) => ({
    ...element,
    name: publicName(server, String(element['name'])),
  })
  return {
    listTools: elements('listTools', named),
    listPrompts: elements('listPrompts', named),
    listResources: elements('listResources', (server, element) => {
      routes.addUri(server, uriOf(element))
      return { ...element, uri: routes.shown(server, uriOf(element)) }
    }),
    listResourceTemplates: elements('listResourceTemplates', (server, element) => {
      routes.addTemplate(server, uriOf(element))
      return { ...element, uriTemplate: routes.shown(server, uriOf(element)) }
    }),
  }
}

function uriOf(element: Element): string {
  return String(element['uri'] ?? element['uriTemplate'])
}

type Lists = Reference['lists']

function compareLists(title: string, { family }: ClientKind, actual: Lists, expected: Lists, checks: Checks): void {
  for (const method of listMethods) {
    checks.equal(`${title}: ${method}`, inEra(family, actual[method]), inEra(family, expected[method]))
  }
}

function compare(
  title: string,
  { family }: ClientKind,
  actual: Transcript,
  expected: Transcript,
  checks: Checks,
): void {
  for (const [label, result] of actual) {
    checks.equal(`${title}: ${label}`, inEra(family, result), inEra(family, expected.get(label)))
  }
}

/** A list of tasks would show those of other principals: it is not offered for a server that they share (capability tasks.list). */
const ofAll = new Set(['list'])

/** What the revision of 2026-07-28 took out, and SDK 2.x with it: tasks of the core, and an id of elicitation. */
const takenOut = new Set(['tasks', 'execution', 'elicitationId'])

function inEra(family: Family, value: unknown): unknown {
  return family === 'sdk 2.x modern' ? without(takenOut, value) : value
}

/** Nothing that a client creates has another one's name. */
function idOf(title: string): string {
  return `by-${title.replace(/[^a-z0-9]+/gi, '-')}`
}
