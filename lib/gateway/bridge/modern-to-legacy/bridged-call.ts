import { toMcpoError } from '../../../errors.ts'
import { canAnswer } from '../../../protocol/bridge/legacy-to-modern/declaration.ts'
import type { LegacyClient } from '../../../protocol/bridge/modern-to-legacy/envelope.ts'
import { isFailure } from '../../../protocol/bridge/modern-to-legacy/modern-answer.ts'
import { urlsRequired } from '../../../protocol/bridge/modern-to-legacy/url-required.ts'
import type { Message } from '../../../protocol/model.ts'
import { mayAsk } from '../../../protocol/revisions/requests.ts'
import { idOf } from '../../answers.ts'
import type { ModernCall } from '../../modern-way.ts'
import { ClientEnd } from './client-end.ts'
import type { Lease } from './copies.ts'
import type { CopyUser } from './legacy-copy.ts'
import { OpenQuestions, type Reply } from './open-questions.ts'
import { kept, missing, notVisited, type Outcome, tooManyVisits } from './outcome.ts'
import type { Parkable, Parking } from './parking.ts'
import { ServerEnd } from './server-end.ts'

export interface BridgedCallOptions {
  readonly call: ModernCall
  readonly client: LegacyClient
  readonly lease: Lease
  readonly serverInfo: object | null
  readonly principal: string
  readonly parking: Parking<BridgedCall>
  /** The `requestState` for a parked call's id. */
  seal(id: string): string
}

/**
 * One request of a modern client at a legacy server. When the server asks the client something, the client's request ends
 * with `input_required`, while the server's stays open; the client's next request brings the answers and waits on. A server may
 * also end its request with the URLs that a person has to visit first: once the client has agreed, it is sent again.
 */
export class BridgedCall implements CopyUser, Parkable {
  private readonly options: BridgedCallOptions
  private readonly method: string
  private readonly client: ClientEnd
  private readonly server: ServerEnd
  private readonly questions: OpenQuestions
  /** What became of the call while the client was away. */
  private outcome: Outcome | null = null
  private isOver = false

  constructor(options: BridgedCallOptions) {
    const { call, client, lease, serverInfo } = options
    this.options = options
    this.method = call.request.text('method') ?? ''
    this.client = new ClientEnd(this.method, serverInfo)
    this.server = new ServerEnd(lease.copy.instance)
    this.questions = new OpenQuestions(client, this.method, () => this.park())
  }

  get isWaiting(): boolean {
    return this.questions.size > 0
  }

  /** Sends the request. Throws when the copy is gone or full. */
  begin(): void {
    const { call, lease } = this.options
    this.send(call)
    lease.copy.enter(this)
    this.client.wait(call, this.onGone)
  }

  /** The client is back, with these answers (JSON text of objects). What is missing is asked again; the rest is ignored. */
  resume(call: ModernCall, responses: ReadonlyMap<string, string>): void {
    this.client.wait(call, this.onGone)
    const replies = this.questions.answered(responses)
    if (this.outcome !== null) this.finish(this.outcome)
    else if (!this.server.isBusy) this.askAgain(call, replies)
    else {
      this.server.reply(replies)
      this.park()
    }
  }

  expire(reason: string): void {
    this.abandon(reason)
  }

  onQuestion(request: Message): void {
    const objection = this.questions.take(request)
    if (objection !== null) this.server.refuse(idOf(request), objection)
  }

  onWithdrawn(id: string): void {
    this.questions.withdraw(id)
  }

  onLog(message: Message): void {
    if (this.options.client.logLevel !== null) this.client.log(message)
  }

  private readonly onGone = (): void => this.abandon('the client went away')

  private send(call: ModernCall): void {
    this.server.send(call, {
      onAnswer: (answer) => this.receive(answer),
      onFailure: (error) => this.conclude({ error }),
      onProgress: (progress) => this.client.progress(progress),
    })
  }

  /** The server wants its request once more, as soon as everything that it asked for is agreed to. */
  private askAgain(call: ModernCall, replies: readonly Reply[]): void {
    try {
      if (!replies.every(isAgreement)) throw notVisited()
      if (this.questions.size > 0) this.park()
      else this.send(call)
    } catch (thrown) {
      this.finish({ error: toMcpoError(thrown) })
    }
  }

  /** Asks the client, whose next request is to go on with the call. */
  private park(): void {
    if (this.client.isAway || this.questions.size === 0) return
    const { parking, principal, seal } = this.options
    try {
      this.client.ask(this.questions.texts(), seal(parking.park(this, principal)))
    } catch (thrown) {
      const error = toMcpoError(thrown)
      this.client.fail(error)
      this.abandon(error.message)
    }
  }

  private receive(answer: Message): void {
    const urls = mayAsk(this.method) ? urlsRequired(answer) : []
    if (urls.length === 0) this.conclude({ answer })
    else if (!canAnswer(this.options.client.capabilities, 'elicitation/create', '{"mode":"url"}')) {
      this.conclude({ error: missing({ elicitation: { url: {} } }) })
    } else this.askForVisits(urls)
  }

  private askForVisits(urls: readonly string[]): void {
    this.refuseOpen()
    if (this.questions.takeAll('elicitation', urls)) this.park()
    else this.conclude({ error: tooManyVisits() })
  }

  /** The server is done, or gone. Whoever waits is told at once, even when more questions may be on their way. */
  private conclude(outcome: Outcome): void {
    if (this.client.isAway) {
      this.outcome = kept(outcome)
      this.letGo()
    } else this.finish(outcome)
  }

  private finish(outcome: Outcome): void {
    const { undeclared } = this.questions
    this.letGo()
    if ('error' in outcome) this.client.fail(outcome.error)
    else if (undeclared !== null && isFailure(outcome.answer)) this.client.fail(missing({ [undeclared]: {} }))
    else this.client.answer(outcome.answer)
  }

  /** Nobody waits for the answer any more, and the server is told. */
  private abandon(reason: string): void {
    this.client.leave()
    this.server.cancel(reason)
    this.letGo()
  }

  /** The copy is of no more use here. */
  private letGo(): void {
    if (this.isOver) return
    this.isOver = true
    this.refuseOpen()
    this.options.lease.copy.leave(this)
    this.options.lease.release(!this.server.isBusy)
  }

  private refuseOpen(): void {
    for (const id of this.questions.clear()) this.server.refuse(id, 'the call is over')
  }
}

function isAgreement({ result }: Reply): boolean {
  return (JSON.parse(result) as { action?: unknown }).action === 'accept'
}
