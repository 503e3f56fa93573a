import { McpoError, toMcpoError } from '../../../errors.ts'
import { envelopeEdits } from '../../../protocol/bridge/legacy-to-modern/envelope.ts'
import {
  ensureNoRetryMembers,
  type InputRequest,
  type InputRequired,
  inputRequiredOf,
  retryMembers,
} from '../../../protocol/bridge/legacy-to-modern/input-required.ts'
import { legacyErrorOf } from '../../../protocol/bridge/legacy-to-modern/modern-errors.ts'
import type { Message } from '../../../protocol/model.ts'
import { mayAsk } from '../../../protocol/revisions/requests.ts'
import type { Outgoing } from '../../../upstream/model.ts'
import type { Hub } from '../../hub.ts'

/** How often one call may be answered with questions. */
const maxRounds = 16
/** How long a client may take for all the questions of one call. */
const maxWaitMs = 60 * 60_000

export interface RoundsOptions {
  readonly request: Message
  readonly hub: Pick<Hub, 'call'>
  /** Whose call it is. */
  readonly client: object
  /** Log messages were asked for, as it is now. */
  wantsLogs(): boolean
  /** JSON members of the envelope, as they are now. */
  envelope(): string
  /** Asks the client all of it, and resolves with JSON texts of its results. */
  inquire(requests: readonly InputRequest[]): Promise<ReadonlyMap<string, string>>
  /** Takes back what is still asked. */
  withdraw(error: McpoError): void
  /** Something before the answer: as it came, and as the client is to see it. */
  onEvent(event: Message, mapped: Outgoing): void
  onAnswer(answer: Message): void
  onFailure(error: McpoError): void
}

/**
 * One request of a legacy client to a modern server: sent with the envelope; while the server answers with questions, the
 * client is asked and the same request sent again with the answers and the server's state, until there is a result.
 */
export class Rounds {
  private readonly options: RoundsOptions
  private readonly lastMs = performance.now() + maxWaitMs
  private count = 0
  private timer: NodeJS.Timeout | undefined
  private abandon: (reason?: string) => void = () => {}
  private over = false

  constructor(options: RoundsOptions) {
    this.options = options
  }

  begin(): void {
    this.send('')
  }

  /** Nobody waits for the answer any more. Neither listener is called. */
  cancel(reason: string): void {
    if (!this.end()) return
    this.abandon(reason)
    this.options.withdraw(new McpoError('TRANSPORT_ERROR', reason))
  }

  fail(error: McpoError): void {
    if (!this.end()) return
    this.abandon(error.message)
    this.options.withdraw(error)
    this.options.onFailure(error)
  }

  private send(paramMembers: string): void {
    const { request, hub, client, envelope, wantsLogs } = this.options
    try {
      hub.call({
        request,
        edits: envelopeEdits(request, envelope(), paramMembers),
        client,
        wantsLogs: wantsLogs(),
        reply: {
          onClose: (listener) => {
            this.abandon = listener
          },
        },
        onEvent: (event, mapped) => this.over || this.options.onEvent(event, mapped),
        onAnswer: (answer) => this.receive(answer),
        onFailure: (error) => this.fail(error),
      })
    } catch (thrown) {
      this.fail(toMcpoError(thrown))
    }
  }

  private receive(answer: Message): void {
    if (this.over) return
    try {
      const error = legacyErrorOf(answer)
      if (error !== null) throw error
      const isAsking = mayAsk(this.options.request.text('method') ?? '')
      const required = isAsking ? inputRequiredOf(answer) : null
      if (required !== null) void this.askClient(required)
      else if (this.end()) this.options.onAnswer(answer)
    } catch (thrown) {
      this.fail(toMcpoError(thrown))
    }
  }

  private async askClient({ requests, requestState }: InputRequired): Promise<void> {
    try {
      this.count += 1
      if (this.count > maxRounds) throw tooManyRounds()
      ensureNoRetryMembers(this.options.request)
      this.timer = setTimeout(() => this.fail(tooLate()), Math.max(0, this.lastMs - performance.now())).unref()
      const results = await this.options.inquire(requests)
      clearTimeout(this.timer)
      if (!this.over) this.send(retryMembers(results, requestState))
    } catch (thrown) {
      this.fail(toMcpoError(thrown))
    }
  }

  /** True the first time. */
  private end(): boolean {
    if (this.over) return false
    this.over = true
    clearTimeout(this.timer)
    return true
  }
}

function tooManyRounds(): McpoError {
  return new McpoError('TOO_MANY', `The server asked back more than ${maxRounds} times in one call`)
}

function tooLate(): McpoError {
  return new McpoError('TIMEOUT', `What the server asked was not answered within ${maxWaitMs / 60_000} minutes`)
}
