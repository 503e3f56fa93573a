import { McpoError, toMcpoError } from '../../../errors.ts'
import { type LegacyClient, legacyRequestEdits } from '../../../protocol/bridge/modern-to-legacy/envelope.ts'
import { capabilityAsked, inputRequiredMessage } from '../../../protocol/bridge/modern-to-legacy/input-required.ts'
import {
  isFailure,
  modernAnswerEdits,
  modernErrorCode,
} from '../../../protocol/bridge/modern-to-legacy/modern-answer.ts'
import { errorMessage, rpcErrorOf } from '../../../protocol/jsonrpc.ts'
import type { Message } from '../../../protocol/model.ts'
import { mayAsk } from '../../../protocol/revisions/requests.ts'
import { edited, ofBytes, withId } from '../../../upstream/outgoing.ts'
import { requestLimit } from '../../../upstream/time-limit.ts'
import { errorFor, idOf } from '../../answers.ts'
import { type ModernCall, statusOfCode } from '../../modern-way.ts'
import type { Lease } from './copies.ts'
import type { CopyUser } from './legacy-copy.ts'
import { OpenQuestions } from './open-questions.ts'
import type { Parkable, Parking } from './parking.ts'

/** A longer answer is not kept for a client that is away. */
const maxKeptBytes = 1024 * 1024

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

/** What became of the request at the server. */
type Outcome = { readonly answer: Message } | { readonly error: McpoError }

/**
 * One request of a modern client at a legacy server. When the server asks the client something, the client's request ends
 * with `input_required`, while the server's stays open; the client's next request brings the answers and waits on.
 */
export class BridgedCall implements CopyUser, Parkable {
  private readonly options: BridgedCallOptions
  private readonly method: string
  /** The client's request that waits now; null while the call is parked, and when it is over. */
  private waiting: ModernCall | null
  private readonly questions = new OpenQuestions(() => this.park())
  /** What the server asked for though the client did not declare it. */
  private undeclared: string | null = null
  /** What the server said while the client was away. */
  private outcome: Outcome | null = null
  private isOver = false
  private id = 0

  constructor(options: BridgedCallOptions) {
    this.options = options
    this.waiting = options.call
    this.method = options.call.request.text('method') ?? ''
  }

  get isWaiting(): boolean {
    return this.questions.size > 0
  }

  /** Sends the request. Throws when the copy is gone or full. */
  begin(): void {
    const { call, lease } = this.options
    const { request, edits } = call
    const { instance } = lease.copy
    const hasToken = request.span('params._meta.progressToken') !== null
    this.id = instance.request({
      write: (id) => withId(request, String(id), [...edits, ...legacyRequestEdits(request, String(id))]),
      token: hasToken ? String : null,
      limit: requestLimit(instance.settings),
      listener: {
        onAnswer: (answer) => this.settle({ answer }),
        onFailure: (error) => this.settle({ error }),
        onProgress: (progress) => this.receiveProgress(progress),
      },
    })
    lease.copy.enter(this)
    this.attach(call)
  }

  /** The client is back, with these answers (JSON text of objects). What is missing is asked again; the rest is ignored. */
  resume(call: ModernCall, responses: ReadonlyMap<string, string>): void {
    const { instance } = this.options.lease.copy
    this.attach(call)
    if (this.outcome !== null) {
      this.finish(this.outcome)
      return
    }
    for (const { id, result } of this.questions.answered(responses)) {
      instance.send(ofBytes(Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`)))
    }
    instance.touch(this.id)
    this.park()
  }

  expire(reason: string): void {
    this.abandon(reason)
  }

  onQuestion(request: Message): void {
    const capability = capabilityAsked(request.text('method') ?? '')
    const why = this.whyNot(request, capability)
    if (why === null && capability !== null) this.questions.add(capability, request)
    else this.options.lease.copy.instance.send(errorFor(request, notAnswered(`${why}`)))
  }

  onWithdrawn(id: string): void {
    this.questions.withdraw(id)
  }

  onLog(message: Message): void {
    if (this.options.client.logLevel !== null) this.waiting?.onEvent(message, edited(message, []))
  }

  private attach(call: ModernCall): void {
    this.waiting = call
    call.reply.onClose(() => {
      if (this.waiting === call) this.abandon('the client went away')
    })
  }

  /** Answers the waiting request with what is asked. */
  private park(): void {
    const { waiting } = this
    if (waiting === null || this.questions.size === 0) return
    const { parking, principal, seal, serverInfo } = this.options
    let state: string
    try {
      state = seal(parking.park(this, principal))
    } catch (thrown) {
      const error = toMcpoError(thrown)
      this.abandon(error.message)
      waiting.onFailure(error)
      return
    }
    this.waiting = null
    const answer = inputRequiredMessage(idOf(waiting.request), this.questions.texts(), state, serverInfo)
    waiting.onAnswer(ofBytes(answer), 200, null)
  }

  private receiveProgress(progress: Message): void {
    const token = this.waiting?.request.raw('params._meta.progressToken') ?? null
    const span = progress.span('params.progressToken')
    if (token === null || span === null) return
    this.waiting?.onEvent(progress, edited(progress, [{ span, bytes: token }]))
  }

  /** Why the client is not asked; null: it is. */
  private whyNot(request: Message, capability: string | null): string | null {
    if (capability === null) return 'clients are never asked this'
    if (this.options.client.capabilities[capability] === undefined) {
      this.undeclared = capability
      return `the client did not declare "${capability}"`
    }
    if (!mayAsk(this.method)) return `nobody can be asked during ${this.method}`
    return this.questions.whyFull(request)
  }

  /** The server is done, or gone. Whoever waits is told at once, even when more questions may be on their way. */
  private settle(outcome: Outcome): void {
    if (this.waiting === null) {
      this.outcome = kept(outcome)
      this.letGo('answer' in outcome)
    } else this.finish(outcome)
  }

  private finish(outcome: Outcome): void {
    const { waiting } = this
    this.waiting = null
    this.letGo('answer' in outcome)
    if ('error' in outcome) waiting?.onFailure(outcome.error)
    else if (this.undeclared !== null && isFailure(outcome.answer)) waiting?.onFailure(missing(this.undeclared))
    else if (waiting !== null) this.answer(waiting, outcome.answer)
  }

  private answer(waiting: ModernCall, answer: Message): void {
    const edits = modernAnswerEdits(answer, this.method, this.options.serverInfo)
    waiting.onAnswer(withId(answer, idOf(waiting.request), edits), statusOfCode(modernErrorCode(answer)), answer)
  }

  /** Nobody waits for the answer any more, and the server is told. */
  private abandon(reason: string): void {
    this.waiting = null
    this.options.lease.copy.instance.cancel(this.id, reason)
    this.letGo(false)
  }

  /** The copy is of no more use here. `isClean`: the server has answered. */
  private letGo(isClean: boolean): void {
    if (this.isOver) return
    this.isOver = true
    const { lease } = this.options
    const refusal = rpcErrorOf(notAnswered('the call is over'))
    for (const id of this.questions.clear()) lease.copy.instance.send(ofBytes(errorMessage(id, refusal)))
    lease.copy.leave(this)
    lease.release(isClean)
  }
}

/** What is kept until the client comes back: the server answered without having its own answers. */
function kept(outcome: Outcome): Outcome {
  if ('error' in outcome || outcome.answer.byteLength <= maxKeptBytes) return outcome
  const message = `The server answered while its client was asked, in more than ${maxKeptBytes} bytes: too much to keep`
  return { error: new McpoError('TOO_LARGE', message) }
}

/** The refusal of a server's question. */
function notAnswered(why: string): McpoError {
  return new McpoError('METHOD_NOT_FOUND', `Not answered: ${why}`)
}

function missing(capability: string): McpoError {
  return new McpoError('MISSING_CAPABILITY', `The server needs a client with the capability "${capability}"`, {
    data: { requiredCapabilities: { [capability]: {} } },
  })
}
