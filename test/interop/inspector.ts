/** The inspector's command line at the gateway. Each run of it is a client of its own. */
import { publicName } from '../../lib/gateway/names.ts'
import { nodeOfTools, run, toolPath } from '../support/tools.ts'
import type { ListMethod } from './peer.ts'
import type { Element } from './players.ts'
import type { Place } from './visit.ts'

const program = toolPath('@modelcontextprotocol/inspector/clients/launcher/build/index.js')
const timeoutMs = 60_000
const visits = [
  ['legacy', null],
  ['modern', null],
  ['legacy', 'everything'],
  ['modern', 'dual'],
] as const

type Inspection = Pick<Place, 'address' | 'servers' | 'references' | 'checks'>

export async function inspect(inspection: Inspection): Promise<void> {
  for (const [era, endpoint] of visits) await inspectEndpoint(inspection, era, endpoint)
}

async function inspectEndpoint(
  { address, servers, references, checks }: Inspection,
  era: string,
  endpoint: string | null,
) {
  const title = `inspector ${era} ${endpoint ?? 'all'}`
  if (!checks.has(title)) return
  const url = new URL(endpoint === null ? '/mcp' : `/mcp/${endpoint}/mcp`, address.origin).href
  const ask = (...args: string[]) =>
    answerOf(['--server-url', url, '--transport', 'http', '--protocol-era', era, ...args])
  const chosen = servers.filter(({ name }) => endpoint === null || name === endpoint)
  const known = await Promise.all(chosen.map((server) => references.of('sdk 2.x legacy', server)))
  for (const [method, list] of lists) {
    const elements = known.flatMap((reference, at) =>
      reference.lists[list].map((element) =>
        shownName(list, element, endpoint === null ? chosen[at]?.name : undefined),
      ),
    )
    const result = await ask('--method', method).catch((error: Error) => error.message)
    checks.equal(`${title}: ${method}`, namesOf(result), elements.filter(isForAll))
  }
  const tool = endpoint === 'dual' ? 'test_simple_text' : 'echo'
  const name = endpoint === null ? publicName('everything', tool) : tool
  const text = tool === 'echo' ? 'Echo: hi' : 'This is a simple text response for testing.'
  const result = await ask('--method', 'tools/call', '--tool-name', name, '--tool-arg', 'message=hi')
  checks.equal(`${title}: tools/call`, (result as { content?: unknown }).content, [{ type: 'text', text }])
}

const lists = [
  ['tools/list', 'listTools'],
  ['resources/list', 'listResources'],
  ['prompts/list', 'listPrompts'],
  ['resources/templates/list', 'listResourceTemplates'],
] as const

async function answerOf(args: readonly string[]): Promise<unknown> {
  const { text, status } = await run(nodeOfTools, [program, '--cli', ...args, '--format', 'json', '--quiet'], timeoutMs)
  if (status !== 0) throw new Error(`the inspector ended with ${status}: ${text}`)
  return JSON.parse(text).result
}

function shownName(list: ListMethod, { name }: Element, server: string | undefined): string {
  const isShared = server !== undefined && (list === 'listTools' || list === 'listPrompts')
  return isShared ? publicName(server, String(name)) : String(name)
}

/** Of the one list in a result; what it is where there is none. */
function namesOf(result: unknown): unknown {
  const [list] = Object.values(result ?? {}).filter(Array.isArray)
  return list?.map((element: Element) => String(element['name'])).filter(isForAll) ?? result
}

/** server-everything has tools for clients that can do what the inspector's command line cannot. */
function isForAll(name: string): boolean {
  return !/(^|__)(trigger-(sampling|elicitation|url)|get-roots)/.test(name)
}
