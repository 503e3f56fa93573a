import { McpoError } from '../../../errors.ts'
import { legacyRequestEdits } from '../../../protocol/bridge/modern-to-legacy/envelope.ts'
import { errorMessage, rpcErrorOf } from '../../../protocol/jsonrpc.ts'
import type { Instance } from '../../../upstream/instance.ts'
import type { CallListener } from '../../../upstream/model.ts'
import { ofBytes, withId } from '../../../upstream/outgoing.ts'
import { requestLimit } from '../../../upstream/time-limit.ts'
import type { ModernCall } from '../../modern-way.ts'
import type { Reply } from './open-questions.ts'

/** The server's end of one call of a modern client: the request as an earlier server knows it, and what it is told meanwhile. */
export class ServerEnd {
  private readonly instance: Instance
  private id: number | null = null

  constructor(instance: Instance) {
    this.instance = instance
  }

  /** A request was sent that the server has not answered. */
  get isBusy(): boolean {
    return this.id !== null
  }

  /** Throws when the copy is gone or full. */
  send({ request, edits }: ModernCall, listener: CallListener): void {
    const hasToken = request.span('params._meta.progressToken') !== null
    this.id = this.instance.request({
      write: (id) => withId(request, String(id), [...edits, ...legacyRequestEdits(request, String(id))]),
      token: hasToken ? String : null,
      limit: requestLimit(this.instance.settings),
      listener: {
        ...listener,
        onAnswer: (answer) => {
          this.id = null
          listener.onAnswer(answer)
        },
      },
    })
  }

  /** Answers what the server asked; the call has its full time again. */
  reply(replies: readonly Reply[]): void {
    for (const { id, result } of replies) {
      this.instance.send(ofBytes(Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`)))
    }
    if (this.id !== null) this.instance.touch(this.id)
  }

  /** What the server asked with this id (JSON text) is not answered. */
  refuse(id: string, why: string): void {
    const error = new McpoError('METHOD_NOT_FOUND', `Not answered: ${why}`)
    this.instance.send(ofBytes(errorMessage(id, rpcErrorOf(error))))
  }

  cancel(reason: string): void {
    if (this.id !== null) this.instance.cancel(this.id, reason)
  }
}
