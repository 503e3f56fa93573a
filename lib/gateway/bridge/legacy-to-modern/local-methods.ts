import { McpoError } from '../../../errors.ts'
import { canSubscribe } from '../../../protocol/bridge/legacy-to-modern/subscription.ts'
import type { Message } from '../../../protocol/model.ts'
import { understood } from '../../../protocol/revisions/capabilities.ts'
import { newestLegacy } from '../../../protocol/revisions/index.ts'
import { isForeign } from '../../../protocol/revisions/requests.ts'
import { isTaskRequest, withoutTasks } from '../../../protocol/tasks.ts'
import type { ServerFacts } from '../../../upstream/probe.ts'
import { smallParams } from '../../params.ts'
import { FaceClient } from './face-client.ts'
import type { Listen } from './listen.ts'

type Method = (request: Message) => object | Promise<object>

/** What a legacy client asks that a modern server does not know any more: answered here. */
export class LocalMethods {
  private readonly server: string
  private readonly facts: ServerFacts
  private readonly listen: () => Listen
  private readonly methods: ReadonlyMap<string, Method>
  private initialised: FaceClient | null = null

  constructor(server: string, facts: ServerFacts, listen: () => Listen) {
    this.server = server
    this.facts = facts
    this.listen = listen
    this.methods = new Map<string, Method>([
      ['initialize', (request) => this.initialize(request)],
      ['ping', () => ({})],
      ['logging/setLevel', (request) => this.setLogLevel(request)],
      ['resources/subscribe', (request) => this.subscribe(request)],
      ['resources/unsubscribe', (request) => this.unsubscribe(request)],
    ])
  }

  /** Who the client is. Throws INVALID_REQUEST before `initialize`. */
  get client(): FaceClient {
    if (this.initialised !== null) return this.initialised
    throw new McpoError('INVALID_REQUEST', 'The session was not initialised')
  }

  /**
   * Undefined: it is for the server. What the client's revision does not have is unknown, though the server may know it; so are
   * tasks, which are another thing in each era.
   */
  find(method: string | null): Method | undefined {
    const revision = this.initialised?.revision ?? newestLegacy
    return isForeign(revision, method ?? '') || isTaskRequest(method ?? '') ? unknown : this.methods.get(method ?? '')
  }

  private initialize(request: Message): object {
    const { capabilities, instructions, serverInfo } = this.facts
    const client = new FaceClient(smallParams(request), capabilities['logging'] !== undefined)
    this.initialised = client
    return {
      protocolVersion: client.revision.version,
      capabilities: understood(client.revision, 'server', withoutTasks(capabilities)),
      serverInfo: { name: this.server, version: '0', ...serverInfo },
      ...(instructions !== null && { instructions }),
    }
  }

  private setLogLevel(request: Message): object {
    if (this.facts.capabilities['logging'] === undefined) return unknown(request)
    this.client.setLogLevel(smallParams(request)['level'])
    return {}
  }

  private async subscribe(request: Message): Promise<object> {
    await this.listen().subscribe(this.uriOf(request))
    return {}
  }

  private async unsubscribe(request: Message): Promise<object> {
    await this.listen().unsubscribe(this.uriOf(request))
    return {}
  }

  private uriOf(request: Message): string {
    if (!canSubscribe(this.facts.capabilities)) return unknown(request)
    const uri = request.text('params.uri')
    if (uri === null || uri.length > maxUriLength) throw new McpoError('INVALID_PARAMS', 'params.uri must be a URI')
    return uri
  }
}

const maxUriLength = 16 * 1024

function unknown(request: Message): never {
  throw new McpoError('METHOD_NOT_FOUND', `This server has no method ${request.text('method')}`)
}
