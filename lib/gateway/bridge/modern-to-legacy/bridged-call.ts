import { McpoError } from '../../../errors.ts'
import { type LegacyClient, legacyRequestEdits } from '../../../protocol/bridge/modern-to-legacy/envelope.ts'
import {
  capabilityAsked,
  inputRequestText,
  inputRequiredMessage,
} from '../../../protocol/bridge/modern-to-legacy/input-required.ts'
import {
  isFailure,
  modernAnswerEdits,
  modernErrorCode,
} from '../../../protocol/bridge/modern-to-legacy/modern-answer.ts'
import type { Message } from '../../../protocol/model.ts'
import { mayAsk } from '../../../protocol/revisions/requests.ts'
import { edited, ofBytes, withId } from '../../../upstream/outgoing.ts'
import { scalarKey } from '../../../upstream/scalar.ts'
import { errorFor, idOf } from '../../answers.ts'
import { type ModernCall, statusOfCode } from '../../modern-way.ts'
import type { Lease } from './copies.ts'
import type { CopyUser } from './legacy-copy.ts'
import type { Parkable, Parking } from './parking.ts'

const maxQuestions = 64
const maxQuestionBytes = 1024 * 1024

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
  /** By the key that the client sees: the server's id (JSON text), and the question. */
  private readonly questions = new Map<string, { readonly id: string; readonly text: string }>()
  private asked = 0
  /** What the server asked for though the client did not declare it. */
  private undeclared: string | null = null
  private outcome: Outcome | null = null
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
      timeoutMs: instance.settings.requestTimeoutMs,
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
    for (const [key, text] of responses) {
      const question = this.questions.get(key)
      if (question === undefined) continue
      this.questions.delete(key)
      instance.send(ofBytes(Buffer.from(`{"jsonrpc":"2.0","id":${question.id},"result":${text}}`)))
    }
    instance.touch(this.id)
    this.park()
  }

  expire(): void {
    this.abandon('the client did not answer in time')
  }

  onQuestion(request: Message): void {
    const capability = capabilityAsked(request.text('method') ?? '')
    const why = this.whyNot(request, capability)
    if (why !== null) {
      const error = new McpoError('METHOD_NOT_FOUND', `Not answered: ${why}`)
      this.options.lease.copy.instance.send(errorFor(request, error))
      return
    }
    this.asked += 1
    this.questions.set(`${capability}_${this.asked}`, { id: idOf(request), text: inputRequestText(request) })
    // Servers that ask several things at once write them at once: they are asked together.
    setImmediate(() => this.park())
  }

  onWithdrawn(id: string): void {
    for (const [key, question] of this.questions) {
      if (scalarKey(question.id) === scalarKey(id)) this.questions.delete(key)
    }
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
    try {
      const state = seal(parking.park(this, principal))
      const texts = new Map([...this.questions].map(([key, { text }]) => [key, text]))
      this.waiting = null
      waiting.onAnswer(ofBytes(inputRequiredMessage(idOf(waiting.request), texts, state, serverInfo)), 200, null)
    } catch (thrown) {
      this.abandon('too many calls wait for this client')
      waiting.onFailure(thrown as McpoError)
    }
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
    if (this.questions.size >= maxQuestions) return `${maxQuestions} questions are open`
    return request.byteLength > maxQuestionBytes ? `it is longer than ${maxQuestionBytes} bytes` : null
  }

  private settle(outcome: Outcome): void {
    if (this.waiting === null) this.outcome = outcome
    else this.finish(outcome)
  }

  private finish(outcome: Outcome): void {
    const { waiting } = this
    this.end('answer' in outcome)
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
    const { instance } = this.options.lease.copy
    if (this.outcome === null) instance.cancel(this.id, reason)
    this.end(this.outcome !== null && 'answer' in this.outcome)
  }

  private end(isClean: boolean): void {
    const { lease } = this.options
    this.waiting = null
    this.questions.clear()
    lease.copy.leave(this)
    lease.release(isClean)
  }
}

function missing(capability: string): McpoError {
  return new McpoError('MISSING_CAPABILITY', `The server needs a client with the capability "${capability}"`, {
    data: { requiredCapabilities: { [capability]: {} } },
  })
}
