import { randomUUID } from 'node:crypto'
import { McpoError } from '../../../errors.ts'
import type { InputRequest } from '../../../protocol/bridge/legacy-to-modern/input-required.ts'
import { legacyParams } from '../../../protocol/bridge/legacy-to-modern/legacy-question.ts'
import { notificationMessage } from '../../../protocol/jsonrpc.ts'
import type { Message } from '../../../protocol/model.ts'

interface Inquiry {
  readonly call: number
  readonly resolve: (result: string) => void
  readonly reject: (error: McpoError) => void
}

/** Brings one message to the session, about one of its calls. */
export type Tell = (bytes: Buffer, call: number) => void

/** Questions of a modern server on their way to a legacy client: as requests, each for the call that it belongs to. */
export class Inquiries {
  private readonly open = new Map<number, Inquiry>()
  private readonly tell: Tell
  private lastId = 0

  constructor(tell: Tell) {
    this.tell = tell
  }

  /** Resolves with JSON text of the client's result, on one line; rejects when it answers with an error or is not asked any more. */
  ask(request: InputRequest, call: number): Promise<string> {
    const id = ++this.lastId
    const method = JSON.stringify(request.method)
    const params = legacyParams(request, randomUUID())
    return new Promise((resolve, reject: (error: McpoError) => void) => {
      this.open.set(id, { call, resolve, reject })
      const tail = params === null ? '' : `,"params":${params}`
      this.tell(Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":${method}${tail}}`), call)
    })
  }

  /** The client's answer to one of them. */
  answer(answer: Message): void {
    const id = Number(answer.raw('id') ?? Number.NaN)
    const inquiry = this.open.get(id)
    if (inquiry === undefined) return
    this.open.delete(id)
    const result = answer.raw('result')
    if (result === null) inquiry.reject(refusal(answer))
    else inquiry.resolve(answer.hasLineBreaks ? result.replace(/[\r\n]/g, ' ') : result)
  }

  /** Takes back what a call still asks. */
  withdraw(call: number, error: McpoError): void {
    for (const [id, inquiry] of [...this.open]) {
      if (inquiry.call !== call) continue
      this.open.delete(id)
      inquiry.reject(error)
      this.tell(notificationMessage('notifications/cancelled', { requestId: id, reason: error.message }), call)
    }
  }
}

const maxErrorBytes = 4096

function refusal(answer: Message): McpoError {
  const span = answer.span('error')
  const isShort = span !== null && span.end - span.start <= maxErrorBytes
  const error = JSON.parse((isShort ? answer.raw('error') : null) ?? 'null') as { message?: unknown } | null
  const message = error?.message
  const words = typeof message === 'string' ? message : 'without a reason'
  return new McpoError('TRANSPORT_ERROR', `The client refused what the server asked: ${words.slice(0, 500)}`)
}
