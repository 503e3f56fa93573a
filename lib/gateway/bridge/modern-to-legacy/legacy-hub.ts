import { McpoError, toMcpoError } from '../../../errors.ts'
import { discoverResult } from '../../../protocol/bridge/modern-to-legacy/discover.ts'
import {
  clientOf,
  type LegacyClient,
  type Retry,
  retryOf,
  unaskable,
} from '../../../protocol/bridge/modern-to-legacy/envelope.ts'
import { modernAnswerEdits } from '../../../protocol/bridge/modern-to-legacy/modern-answer.ts'
import { grantable } from '../../../protocol/bridge/modern-to-legacy/subscription.ts'
import { parseMessage } from '../../../protocol/message.ts'
import type { Message } from '../../../protocol/model.ts'
import { modernVersions } from '../../../protocol/revisions/index.ts'
import { mayAsk } from '../../../protocol/revisions/requests.ts'
import { isTaskRequest } from '../../../protocol/tasks.ts'
import { ask } from '../../../upstream/ask.ts'
import { edited } from '../../../upstream/outgoing.ts'
import type { ServerFacts } from '../../../upstream/probe.ts'
import type { UpstreamServer } from '../../../upstream/server.ts'
import { requestLimit } from '../../../upstream/time-limit.ts'
import { resultFor } from '../../answers.ts'
import type { ModernCall, ModernWay } from '../../modern-way.ts'
import { smallParams } from '../../params.ts'
import { BridgedCall } from './bridged-call.ts'
import { Copies, type Lease, type Owner, type Scope } from './copies.ts'
import { LegacyListen } from './legacy-listen.ts'
import type { Parking } from './parking.ts'
import type { CallHolder, RequestStates } from './request-state.ts'

/** A legacy server as modern clients see it. */
export class LegacyHub {
  private readonly server: UpstreamServer
  private readonly states: RequestStates
  private readonly parking: Parking<BridgedCall>
  private readonly copies: Copies
  private readonly listeners = new Set<LegacyListen>()

  constructor(server: UpstreamServer, states: RequestStates, parking: Parking<BridgedCall>) {
    this.server = server
    this.states = states
    this.parking = parking
    this.copies = new Copies(server, (scope, notification) => this.publish(scope, notification))
  }

  /** How one principal's requests reach it. */
  wayOf(principal: string): ModernWay {
    return {
      call: (call) => void this.serve(principal, call).catch((thrown) => call.onFailure(toMcpoError(thrown))),
      ask: (request, method, params) => this.ask(principal, request, method, params),
    }
  }

  private async serve(principal: string, call: ModernCall): Promise<void> {
    const { request } = call
    const method = request.text('method')
    const facts = await this.server.facts()
    if (method === 'server/discover') {
      this.copies.prepare()
      return call.onAnswer(resultFor(request, discoverResult(facts, modernVersions)), 200, null)
    }
    if (isTaskRequest(method ?? '')) throw noTasks(this.server.name)
    if (method === 'subscriptions/listen') return this.listen(principal, call, facts)
    const retry = retryOf(request)
    if (retry === 'invalid') throw invalidRetry()
    if (retry === null) await this.begin(principal, call, facts)
    else this.resume(principal, call, retry)
  }

  private async begin(principal: string, call: ModernCall, facts: ServerFacts): Promise<void> {
    const client = clientOf(call.request)
    const isAsking = mayAsk(call.request.text('method') ?? '')
    const owner = this.ownerOf(principal)
    const lease = await this.copies.acquire(owner, client, isAsking)
    try {
      await setLogLevel(lease, client, facts)
      await lease.copy.follow(this.watchedIn(owner.scope))
      if (!call.reply.open) return lease.release(true)
      const seal = (id: string) => this.states.close(id, call.request, this.holderOf(principal))
      const { serverInfo } = facts
      new BridgedCall({ call, client, lease, serverInfo, principal, parking: this.parking, seal }).begin()
    } catch (thrown) {
      lease.release(true)
      throw thrown
    }
  }

  /** Only what was proved to belong together goes on; a refused retry leaves the call parked. */
  private resume(principal: string, call: ModernCall, { requestState, responses }: Retry): void {
    const id = this.states.open(requestState, call.request, this.holderOf(principal))
    const parked = this.parking.take(id)
    if (parked === null) throw gone()
    parked.resume(call, responses)
  }

  private async listen(principal: string, call: ModernCall, { capabilities }: ServerFacts): Promise<void> {
    // Refuses what is too large, before anything is held for it.
    const wanted = grantable(smallParams(call.request)['notifications'], capabilities)
    const owner = this.ownerOf(principal)
    const lease = await this.copies.acquire(owner, unaskable(clientOf(call.request).clientInfo), false)
    const onEnd = () => void this.listeners.delete(listening)
    const listening = new LegacyListen({ call, scope: owner.scope, lease, wanted, scan: this.server.scan, onEnd })
    this.listeners.add(listening)
    await listening.begin()
  }

  private async ask(
    principal: string,
    request: Message,
    method: string,
    params: Record<string, unknown>,
  ): Promise<Message> {
    const { serverInfo } = await this.server.facts()
    const lease = await this.copies.acquire(this.ownerOf(principal), clientOf(request), false)
    try {
      const { settings, scan } = this.server
      const answer = await ask(lease.copy.instance, method, JSON.stringify(params), requestLimit(settings))
      // Lists are taken apart anyhow; what may be passed on whole has to be a modern answer.
      if (!mayAsk(method)) return answer
      return parseMessage(edited(answer, modernAnswerEdits(answer, method, serverInfo)).pieces, scan)
    } finally {
      lease.release(true)
    }
  }

  private holderOf(principal: string): CallHolder {
    return { principal, server: this.server.name }
  }

  private publish(scope: Scope, notification: Message): void {
    for (const listener of this.listeners) if (listener.scope === scope) listener.receive(notification)
  }

  private watchedIn(scope: Scope): ReadonlySet<string> {
    const listeners = [...this.listeners].filter((listener) => listener.scope === scope)
    return new Set(listeners.flatMap(({ watched }) => watched))
  }

  private ownerOf(principal: string): Owner {
    return { principal, scope: this.server.settings.sharing === 'shared' ? null : principal }
  }
}

async function setLogLevel({ copy }: Lease, { logLevel }: LegacyClient, { capabilities }: ServerFacts): Promise<void> {
  if (logLevel !== null && capabilities['logging'] !== undefined) await copy.setLogLevel(logLevel)
}

function noTasks(server: string): McpoError {
  return new McpoError(
    'METHOD_NOT_FOUND',
    `Server "${server}" speaks an earlier revision, whose tasks are not those of this one`,
  )
}

function invalidRetry(): McpoError {
  return new McpoError('INVALID_PARAMS', 'params.requestState must be a string, and params.inputResponses an object')
}

function gone(): McpoError {
  return new McpoError('INVALID_PARAMS', 'The call that params.requestState stands for no longer waits for answers', {
    hint: 'Make the call again without requestState.',
  })
}
