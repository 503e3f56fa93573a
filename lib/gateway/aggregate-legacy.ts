import { McpoError } from '../errors.ts'
import type { Message } from '../protocol/model.ts'
import { understood } from '../protocol/revisions/capabilities.ts'
import { newestLegacy, sessionRevision } from '../protocol/revisions/index.ts'
import { isForeign } from '../protocol/revisions/requests.ts'
import { ask } from '../upstream/ask.ts'
import { gatewayInfo } from '../upstream/identity.ts'
import { edited } from '../upstream/outgoing.ts'
import type { ServerCopy } from '../upstream/server-copy.ts'
import { requestLimit } from '../upstream/time-limit.ts'
import type { Caller } from './aggregate/caller.ts'
import type { Aggregate } from './aggregate.ts'
import { resultFor } from './answers.ts'
import type { Catalog } from './catalog.ts'
import type { ClientCall } from './client-calls.ts'
import type { LegacyEndpoint } from './legacy.ts'
import type { Inbound } from './model.ts'
import { paramsLine } from './params.ts'
import { attempt, relay } from './relay.ts'
import type { Session } from './session.ts'

/** `/mcp` for a legacy client: the gateway answers `initialize`, and starts a copy of a server when one is first needed. */
export class AggregateLegacy implements LegacyEndpoint {
  private readonly aggregate: Aggregate
  private readonly catalog: Catalog

  constructor(aggregate: Aggregate, catalog: Catalog) {
    this.aggregate = aggregate
    this.catalog = catalog
  }

  async open(session: Session, { message, reply }: Inbound): Promise<void> {
    const revision = sessionRevision(message.text('params.protocolVersion'))
    const { meta, capabilities, ...introduction } = await this.catalog.introduction('legacy')
    session.revision = revision
    const result = {
      protocolVersion: revision.version,
      capabilities: understood(revision, 'server', capabilities),
      serverInfo: gatewayInfo,
      ...introduction,
      ...(Object.keys(meta).length === 0 ? {} : { _meta: meta }),
    }
    reply.answer(resultFor(message, result), { sessionId: session.id })
  }

  async request(session: Session, call: ClientCall): Promise<void> {
    const method = call.request.text('method') ?? ''
    if (method === 'ping') return this.answer(session, call, {})
    if (method === 'logging/setLevel') return this.setLogLevel(session, call)
    if (!isForeign(newestLegacy, method) && (await this.aggregate.serve(callerOf(session, call)))) return
    throw new McpoError('METHOD_NOT_FOUND', `There is no method ${JSON.stringify(method.slice(0, 100))} here`)
  }

  /** Each copy was told `initialized` when it was started; a task concerns whoever asked for it, the rest all of them. */
  notify(session: Session, notification: Message): void {
    const method = notification.text('method')
    if (method === 'notifications/initialized') return
    if (method === 'notifications/tasks/status') session.tasks.ownerOf(notification)?.send(edited(notification, []))
    else for (const copy of session.live()) copy.send(edited(notification, []))
  }

  private async setLogLevel(session: Session, call: ClientCall): Promise<void> {
    const params = paramsLine(call.request)
    session.logLevelParams = params
    const setLevel = async (copy: ServerCopy) => ask(copy, 'logging/setLevel', params, requestLimit(copy.settings))
    await Promise.allSettled(session.live().map(setLevel))
    this.answer(session, call, {})
  }

  private answer(session: Session, call: ClientCall, result: object): void {
    if (session.calls.finish(call)) call.reply.answer(resultFor(call.request, result))
  }
}

function callerOf(session: Session, call: ClientCall): Caller {
  return {
    principal: session.principal,
    request: call.request,
    routes: session.resources,
    revision: session.revision ?? newestLegacy,
    relay: (server, passage) => relay(session, call, session.link(server), passage),
    attempt: (server, passage) => attempt(session, call, session.link(server), passage),
    async ask(server, method, params) {
      const copy = await session.link(server).open()
      return ask(copy, method, JSON.stringify(params), requestLimit(server.settings))
    },
    answer(answer) {
      if (session.calls.finish(call)) call.reply.answer(answer)
    },
  }
}
