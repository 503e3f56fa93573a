/** What a client does with each server, step by step. Each step's result must be the same with a gateway and without one. */
import { once } from 'node:events'
import { askingTools } from '../conformance/fixtures/asking-tools.ts'
import { plainTools } from '../conformance/fixtures/plain-tools.ts'
import type { CallOptions, Message, Params, Peer } from './peer.ts'

/** A client in front of one server, to which names and URIs are what the server itself calls them. */
export interface Player {
  readonly peer: Peer
  /** Occurs in whatever the client creates, and differs from client to client. */
  readonly id: string
  /** The folder of the server for files. */
  readonly files: string
  call(name: string, args?: Params, options?: CallOptions): Promise<unknown>
  prompt(name: string, args?: Readonly<Record<string, string>>): Promise<unknown>
  completePrompt(name: string, argument: Params, context?: Params): Promise<unknown>
  completeTemplate(template: string, argument: Params): Promise<unknown>
  /** `template`: the listed one that makes this URI. */
  read(uri: string, template?: string): Promise<unknown>
  /** Subscribes, does something until it is told of a change, and unsubscribes. The URI that it was told. */
  updateOf(uri: string, change: () => Promise<unknown>): Promise<unknown>
}

export interface Step {
  readonly label: string
  /**
   * 'session': clients without one have no such thing. 'own copy': on a pipe nothing says which call it is about, so that it
   * reaches nobody while others use the same copy of the server.
   */
  readonly needs: 'nothing' | 'session' | 'own copy'
  run(player: Player): Promise<unknown>
}

const document = 'demo://resource/static/document/features.md'
const dynamicText = 'demo://resource/dynamic/text/{resourceId}'
/** Of each tool that reports it. */
const stepsOfProgress = 3
const graph = 'memory://knowledge-graph'

const argumentsOf: Readonly<Record<string, Params>> = {
  test_sampling: { prompt: 'a prompt' },
  test_elicitation: { message: 'a question' },
  json_schema_2020_12_tool: { name: 'x', contactMethod: 'phone', phone: '1' },
  test_x_mcp_header: { region: 'süd' },
}

export const scripts = {
  everything: [
    call('echo', { message: 'ünïcode \u{1f600} "quoted" \\ \u2028' }),
    call('get-sum', { a: 1, b: 2.5 }),
    call('get-tiny-image'),
    call('get-annotated-message', { messageType: 'error', includeImage: true }),
    call('get-resource-links', { count: 4 }),
    call('get-resource-reference', { resourceType: 'Text', resourceId: 3 }),
    call('get-resource-reference', { resourceType: 'Blob', resourceId: 3 }),
    call('get-structured-content', { location: 'Chicago' }),
    call('trigger-sampling-request', { prompt: 'a prompt', maxTokens: 5 }),
    call('trigger-elicitation-request'),
    call('trigger-url-elicitation', { url: 'https://example.com/', message: 'look', elicitationId: 'an-id' }),
    call('echo', {}),
    step('a tool that is not there', ({ call }) => isRefused(call('nobody'))),
    step(
      'every step of progress',
      progressOf('trigger-long-running-operation', { duration: 0.3, steps: stepsOfProgress }),
    ),
    step('a call that is cancelled', cancelled),
    step('a prompt without arguments', ({ prompt }) => prompt('simple-prompt')),
    step('a prompt with arguments', ({ prompt }) => prompt('args-prompt', { city: 'Köln', state: 'NRW' })),
    step('a prompt with too few arguments', ({ prompt }) => prompt('args-prompt', {})),
    step('a prompt with a resource', ({ prompt }) =>
      prompt('resource-prompt', { resourceType: 'Text', resourceId: '5' }),
    ),
    step('completion', ({ completePrompt }) =>
      completePrompt('completable-prompt', { name: 'department', value: 'S' }),
    ),
    step('completion that depends on another argument', ({ completePrompt }) =>
      completePrompt('completable-prompt', { name: 'name', value: '' }, { arguments: { department: 'Support' } }),
    ),
    step('completion of a template', ({ completeTemplate }) =>
      completeTemplate(dynamicText, { name: 'resourceId', value: '1' }),
    ),
    step('a listed resource', ({ read }) => read(document)),
    step('a resource of a template', ({ read }) => read('demo://resource/dynamic/text/7', dynamicText)),
    step('a resource that is not there', ({ read }) => isRefused(read('demo://nothing'))),
    step('updates of a resource', ({ updateOf, call }) => updateOf(document, () => call('toggle-subscriber-updates'))),
    inSession('roots', ({ call }) => call('get-roots-list')),
    inSession('log messages', ({ peer, call }) => simulatedLog(peer, call)),
    inSession('a resource made by a tool', async ({ call, read, id }) => [
      await call('gzip-file-as-resource', { name: id, data: 'data:text/plain,hello', outputType: 'resourceLink' }),
      await read(`demo://resource/session/${id}`),
    ]),
  ],
  filesystem: [
    call('list_allowed_directories'),
    step('a folder', ({ call, files }) => call('list_directory', { path: `${files}/fixed` })),
    step('a file', ({ call, files }) => call('read_text_file', { path: `${files}/fixed/note.txt`, head: 2 })),
    step('what is outside', ({ call }) => call('read_text_file', { path: '/etc/hostname' })),
    step('a file that is written', ({ call, files, id }) =>
      call('write_file', { path: `${files}/${id}.txt`, content: 'written ü' }),
    ),
    step('a file that was written', ({ call, files, id }) => call('read_text_file', { path: `${files}/${id}.txt` })),
    step('a file that is edited', ({ call, files, id }) =>
      call('edit_file', { path: `${files}/${id}.txt`, edits: [{ oldText: 'written', newText: 'edited' }] }),
    ),
    step('a search', ({ call, files }) => call('search_files', { path: `${files}/fixed`, pattern: '**/note.*' })),
  ],
  // Each copy has a memory of its own, and a client without a session may meet another one at each call.
  memory: [
    inSession('entities', ({ call, id }) => call('create_entities', { entities: [entity(id)] })),
    inSession('a search', ({ call, id }) => call('search_nodes', { query: id })),
    inSession('deletion', ({ call, id }) => call('delete_entities', { entityNames: [id] })),
    step('an update', ({ updateOf, call, id }) =>
      updateOf(graph, () => call('create_entities', { entities: [entity(`${id} ${Math.random()}`)] })),
    ),
  ],
  thinking: [
    inSession('a thought', ({ call }) =>
      call('sequentialthinking', { thought: 'x', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 }),
    ),
    call('sequentialthinking', { thought: 'x' }),
  ],
  fixture: [
    step('log messages', toldWhile('test_tool_with_logging'), 'own copy'),
    step('every step of progress', progressOf('test_tool_with_progress')),
    ...plainTools.map(({ name }) => call(name, argumentsOf[name])),
    ...askingTools.map(({ name }) => call(name, argumentsOf[name])),
    step('a tool that is not there', ({ call }) => isRefused(call('nobody'))),
    step('a prompt', ({ prompt }) => prompt('test_simple_prompt')),
    step('a prompt with arguments', ({ prompt }) => prompt('test_prompt_with_arguments', { arg1: 'a', arg2: 'ß' })),
    step('a prompt with an image', ({ prompt }) => prompt('test_prompt_with_image')),
    step('a prompt with a resource', ({ prompt }) =>
      prompt('test_prompt_with_embedded_resource', { resourceUri: 'test://example-resource' }),
    ),
    step('a prompt that asks', ({ prompt }) => prompt('test_input_required_result_prompt')),
    step('completion', ({ completePrompt }) =>
      completePrompt('test_prompt_with_arguments', { name: 'arg1', value: 'test' }),
    ),
    step('a text', ({ read }) => read('test://static-text')),
    step('an image', ({ read }) => read('test://static-binary')),
    step('a resource of a template', ({ read }) => read('test://template/7/data', 'test://template/{id}/data')),
    step('a resource that is not there', ({ read }) => isRefused(read('test://nothing'))),
  ],
} satisfies Record<string, readonly Step[]>

export type ScriptName = keyof typeof scripts

function entity(name: string) {
  return { name, entityType: 'client', observations: ['seen'] }
}

function step(label: string, run: Step['run'], needs: Step['needs'] = 'nothing'): Step {
  return { label, needs, run }
}

function inSession(label: string, run: Step['run']): Step {
  return step(label, run, 'session')
}

/** With what the client was asked meanwhile. */
function call(name: string, args: Params = {}): Step {
  const label = Object.keys(args).length === 0 ? name : `${name} ${JSON.stringify(args)}`
  return step(label, async ({ call, peer }) => {
    peer.asked.splice(0)
    const result = await call(name, args)
    return { result, asked: peer.asked.splice(0).filter(({ method }) => method !== 'roots/list') }
  })
}

async function isRefused(answer: Promise<unknown>): Promise<boolean> {
  const { isError = false } = (await answer.catch(() => ({ isError: true }))) as { isError?: boolean }
  return isError
}

function progressOf(name: string, args: Params = {}): Step['run'] {
  return async ({ call, peer: { losesProgress, asked } }) => {
    asked.splice(0)
    const seen: unknown[] = []
    const result = await call(name, args, { onprogress: (step) => seen.push(step) })
    // What is reported while a client without a session is asked something has no stream to come on.
    const wasAsked = asked.splice(0).length > 0
    return { result, isComplete: losesProgress || wasAsked || seen.length === stepsOfProgress }
  }
}

/** The server says that it began, the client that it had enough, and the server answers the next call. */
async function cancelled({ call }: Player): Promise<unknown> {
  const controller = new AbortController()
  const aborted = once(controller.signal, 'abort')
  const long = call(
    'trigger-long-running-operation',
    { duration: 60, steps: 600 },
    {
      signal: controller.signal,
      onprogress: () => controller.abort('enough'),
    },
  )
  const isOver = await Promise.all([isRefused(long), aborted])
  return [isOver[0], await call('echo', { message: 'still there' })]
}

function toldWhile(name: string): Step['run'] {
  return async ({ peer, call }) => {
    await peer.setLogLevel('debug')
    peer.told.splice(0)
    // Over HTTP it may come on another stream, and then after the answer.
    await Promise.all([peer.next(({ params }) => params?.['data'] === 'Tool execution completed'), call(name)])
    return peer.told.filter(({ params }) => String(params?.['data']).startsWith('Tool '))
  }
}

/** Its level and its words are random. */
async function simulatedLog(peer: Peer, call: Player['call']): Promise<unknown> {
  await peer.setLogLevel('debug')
  const isLog = ({ method, params }: Message) =>
    method === 'notifications/message' && /message/.test(String(params?.['data']))
  const [{ method }] = await Promise.all([peer.next(isLog), call('toggle-simulated-logging')])
  await call('toggle-simulated-logging')
  return method
}
