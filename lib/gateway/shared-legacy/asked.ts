import { McpoError } from '../../errors.ts'
import { errorMessage, rpcErrorOf } from '../../protocol/jsonrpc.ts'
import type { Message } from '../../protocol/model.ts'
import type { Outgoing } from '../../upstream/model.ts'
import { edited, ofBytes } from '../../upstream/outgoing.ts'
import { scalarKey } from '../../upstream/scalar.ts'
import { errorFor, idOf } from '../answers.ts'

/** Who can be asked. */
export interface Respondent {
  /** Whether its client said that it can answer this. */
  canAnswer(question: Message): boolean
  receive(message: Message, call?: number): void
}

const maxOpen = 1024

/** The open requests of one copy of a server to the sessions that use it: only who was asked answers. */
export class Asked<Who extends Respondent> {
  /** By the id of the question. */
  private readonly open = new Map<string, Who>()
  private readonly send: (message: Outgoing) => void

  /** `send` brings a message to the server. */
  constructor(send: (message: Outgoing) => void) {
    this.send = send
  }

  ask(who: Who, question: Message, call: number | undefined): void {
    const id = scalarKey(idOf(question))
    const error = this.objectionTo(who, question, id)
    if (error !== null) {
      this.send(errorFor(question, error))
      return
    }
    this.open.set(id, who)
    who.receive(question, call)
  }

  answer(who: Who, answer: Message): void {
    const id = scalarKey(idOf(answer))
    if (this.open.get(id) !== who) return
    this.open.delete(id)
    this.send(edited(answer, []))
  }

  /** The server takes back what it asked. */
  withdraw(cancelled: Message): void {
    const id = scalarKey(cancelled.raw('params.requestId') ?? 'null')
    const who = this.open.get(id)
    this.open.delete(id)
    who?.receive(cancelled)
  }

  /** The server is told that nobody will answer. */
  leave(who: Who): void {
    const error = new McpoError('NOT_FOUND', 'The session that was asked has ended')
    for (const [id, asked] of [...this.open]) {
      if (asked !== who) continue
      this.open.delete(id)
      this.send(ofBytes(errorMessage(id, rpcErrorOf(error))))
    }
  }

  private objectionTo(who: Who, question: Message, id: string): McpoError | null {
    if (this.open.has(id)) return new McpoError('INVALID_REQUEST', 'A request with this id is open already')
    if (this.open.size >= maxOpen) return new McpoError('TOO_MANY', `${maxOpen} requests are open already`)
    if (who.canAnswer(question)) return null
    return new McpoError('METHOD_NOT_FOUND', 'The client whose call this is about did not say it can answer this')
  }
}
