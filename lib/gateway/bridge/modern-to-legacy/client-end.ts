import type { McpoError } from '../../../errors.ts'
import { inputRequiredMessage } from '../../../protocol/bridge/modern-to-legacy/input-required.ts'
import { modernAnswerEdits, modernErrorCode } from '../../../protocol/bridge/modern-to-legacy/modern-answer.ts'
import type { Message } from '../../../protocol/model.ts'
import { renamingEdits } from '../../../protocol/renaming.ts'
import { edited, ofBytes, withId } from '../../../upstream/outgoing.ts'
import { idOf } from '../../answers.ts'
import { type ModernCall, statusOfCode } from '../../modern-way.ts'

/** The client's end of one call at a legacy server: the request of its that waits now, as each is answered once. */
export class ClientEnd {
  private readonly method: string
  private readonly serverInfo: object | null
  private waiting: ModernCall | null = null

  /** `serverInfo`: how the server introduces itself. */
  constructor(method: string, serverInfo: object | null) {
    this.method = method
    this.serverInfo = serverInfo
  }

  /** None of its requests waits. */
  get isAway(): boolean {
    return this.waiting === null
  }

  /** From now on this one waits. `onGone`: the client went away while it did. */
  wait(call: ModernCall, onGone: () => void): void {
    this.waiting = call
    call.reply.onClose(() => {
      if (this.waiting === call) onGone()
    })
  }

  log(message: Message): void {
    this.waiting?.onEvent(message, edited(message, []))
  }

  progress(progress: Message): void {
    const token = this.waiting?.request.raw('params._meta.progressToken') ?? null
    const span = progress.span('params.progressToken')
    if (token === null || span === null) return
    this.waiting?.onEvent(progress, edited(progress, [{ span, bytes: token }]))
  }

  /** Asks for input; `entries`: key and text of each question. */
  ask(entries: ReadonlyMap<string, string>, requestState: string): void {
    const call = this.take()
    if (call === null) return
    const answer = inputRequiredMessage(idOf(call.request), entries, requestState, this.serverInfo)
    call.onAnswer(ofBytes(answer), 200, null)
  }

  answer(answer: Message): void {
    const call = this.take()
    if (call === null) return
    const modern = modernAnswerEdits(answer, this.method, this.serverInfo)
    const edits = [...modern, ...renamingEdits(answer, call.renamings)]
    call.onAnswer(withId(answer, idOf(call.request), edits), statusOfCode(modernErrorCode(answer)), answer)
  }

  fail(error: McpoError): void {
    this.take()?.onFailure(error)
  }

  /** Nothing more is told to it. */
  leave(): void {
    this.waiting = null
  }

  private take(): ModernCall | null {
    const call = this.waiting
    this.waiting = null
    return call
  }
}
