/** A client as its SDK's users use it, whichever SDK that is, and what was asked of it and told to it. */
import { EventEmitter, on } from 'node:events'
import type { Client as ModernClient } from '@modelcontextprotocol/client'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { answerElicitation, answerSampling } from './answers.ts'

export type Params = Readonly<Record<string, unknown>>

export interface Message {
  readonly method: string
  readonly params?: Params | undefined
}

export interface CallOptions {
  readonly onprogress?: (progress: object) => void
  readonly signal?: AbortSignal
}

export interface Peer {
  readonly era: 'legacy' | 'modern'
  /** Both SDKs forget who wants progress before they look at what came together with the answer. */
  readonly losesProgress: boolean
  /** What a connection begins with. */
  readonly introduction: { readonly version: unknown; readonly instructions: unknown; readonly capabilities: object }
  /** Questions of servers, in the order they came. Servers ask for roots when they please. */
  readonly asked: Message[]
  readonly told: Message[]
  /** The next notification like this one, from now on. */
  next(isLike: (message: Message) => boolean): Promise<Message>
  list(method: ListMethod, cursor?: string): Promise<unknown>
  call(name: string, args: Params, options?: CallOptions): Promise<unknown>
  prompt(name: string, args: Readonly<Record<string, string>>): Promise<unknown>
  read(uri: string): Promise<unknown>
  complete(params: Params): Promise<unknown>
  /** Settles when the server knows; the updates are `told`. */
  watch(uri: string): Promise<unknown>
  unwatch(uri: string): Promise<unknown> | undefined
  /** In the legacy era for the session, in the modern one for each call. */
  setLogLevel(level: 'debug'): Promise<void>
  close(): Promise<void>
}

export type ListMethod = 'listTools' | 'listPrompts' | 'listResources' | 'listResourceTemplates'

const noticeTimeoutMs = 60_000

export const clientInfo = { name: 'interop', version: '1.0.0' }
export const capabilities = {
  sampling: {},
  elicitation: { form: {}, url: {} },
  roots: { listChanged: true },
} as const

/** SDK 1.x; what this returns is called once it is connected. `canComeTogether`: messages, as on a pipe. */
export function prepareFirst(client: Client, folder: string, canComeTogether: boolean) {
  const heard = hearing()
  client.setRequestHandler(CreateMessageRequestSchema, (request) => heard.answer(request, answerSampling) as never)
  client.setRequestHandler(ElicitRequestSchema, (request) => heard.answer(request, answerElicitation) as never)
  client.setRequestHandler(ListRootsRequestSchema, (request) => heard.answer(request, () => rootsOf(folder)) as never)
  client.fallbackNotificationHandler = async (notification) => heard.hear(notification as Message)
  return (): Peer => ({
    ...heard.shown,
    era: 'legacy',
    losesProgress: canComeTogether,
    introduction: introductionOf(client),
    list: (method, cursor) => client[method](cursor === undefined ? {} : { cursor }),
    call: (name, args, options = {}) => client.callTool({ name, arguments: { ...args } }, undefined, options as object),
    prompt: (name, args) => client.getPrompt({ name, arguments: args }),
    read: (uri) => client.readResource({ uri }),
    complete: (params) => client.complete(params as never),
    watch: (uri) => client.subscribeResource({ uri }),
    unwatch: (uri) => client.unsubscribeResource({ uri }),
    setLogLevel: async (level) => void (await client.setLoggingLevel(level)),
    close: () => client.close(),
  })
}

/** SDK 2.x in either era. */
export function prepareSecond(client: ModernClient, folder: string, canComeTogether: boolean) {
  const heard = hearing()
  client.setRequestHandler('sampling/createMessage', (request) => heard.answer(request, answerSampling) as never)
  client.setRequestHandler('elicitation/create', (request) => heard.answer(request, answerElicitation) as never)
  client.setRequestHandler('roots/list', (request) => heard.answer(request, () => rootsOf(folder)) as never)
  client.fallbackNotificationHandler = async (notification) => heard.hear(notification as Message)
  return (): Peer => {
    const isModern = client.getProtocolEra() === 'modern'
    let envelope = {}
    const watched = new Map<string, { close(): Promise<void> }>()
    const listen = async (uri: string) => {
      const subscription = await client.listen({ resourceSubscriptions: [uri] })
      watched.set(uri, subscription)
      return {}
    }
    return {
      ...heard.shown,
      era: isModern ? 'modern' : 'legacy',
      losesProgress: canComeTogether,
      introduction: introductionOf(client),
      list: (method, cursor) => client[method](cursor === undefined ? {} : { cursor }),
      call: (name, args, options = {}) =>
        client.callTool({ name, arguments: { ...args }, ...envelope }, options as object),
      prompt: (name, args) => client.getPrompt({ name, arguments: args }),
      read: (uri) => client.readResource({ uri }),
      complete: (params) => client.complete(params as never),
      watch: (uri) => (isModern ? listen(uri) : client.subscribeResource({ uri })),
      unwatch: (uri) => (isModern ? watched.get(uri)?.close() : client.unsubscribeResource({ uri })),
      async setLogLevel(level) {
        if (isModern) envelope = { _meta: { 'io.modelcontextprotocol/logLevel': level } }
        else await client.setLoggingLevel(level)
      },
      close: () => client.close(),
    }
  }
}

function introductionOf(client: Pick<Client, 'getServerVersion' | 'getInstructions'> & CapableClient) {
  return {
    version: client.getServerVersion(),
    instructions: client.getInstructions(),
    capabilities: client.getServerCapabilities() ?? {},
  }
}

interface CapableClient {
  getServerCapabilities(): object | undefined
}

function hearing() {
  const asked: Message[] = []
  const told: Message[] = []
  const bell = new EventEmitter()
  const heard = async (isLike: (message: Message) => boolean): Promise<Message> => {
    for await (const [message] of on(bell, 'told', { signal: AbortSignal.timeout(noticeTimeoutMs) }))
      if (isLike(message)) return message
    throw new Error('unreachable: events do not end')
  }
  const next = (isLike: (message: Message) => boolean): Promise<Message> => {
    const message = heard(isLike)
    // Whoever waits may have given up before.
    message.catch(() => {})
    return message
  }
  return {
    shown: { asked, told, next },
    hear(notification: Message): void {
      told.push(notification)
      bell.emit('told', notification)
    },
    answer(request: Message, answer: (params: Params) => object): object {
      asked.push(request)
      return answer(request.params ?? {})
    },
  }
}

function rootsOf(folder: string) {
  return { roots: [{ uri: `file://${folder}`, name: 'files' }] }
}
