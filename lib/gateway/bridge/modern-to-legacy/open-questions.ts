import { canAnswer } from '../../../protocol/bridge/legacy-to-modern/declaration.ts'
import type { LegacyClient } from '../../../protocol/bridge/modern-to-legacy/envelope.ts'
import { capabilityAsked, inputRequestText } from '../../../protocol/bridge/modern-to-legacy/input-required.ts'
import type { Message } from '../../../protocol/model.ts'
import { mayAsk } from '../../../protocol/revisions/requests.ts'
import { scalarKey } from '../../../upstream/scalar.ts'
import { idOf } from '../../answers.ts'
import { Gathering } from './gathering.ts'

const maxQuestions = 64
const maxBytes = 1024 * 1024

interface Question {
  /** The server's id of it, JSON text; null: the server has ended its request with it, and wants no answer. */
  readonly id: string | null
  readonly text: string
}

/** An answer of the client, for the server. */
export interface Reply {
  /** As in a question. */
  readonly id: string | null
  /** JSON text of an object. */
  readonly result: string
}

/** What the server of one call has asked and its client has not answered. */
export class OpenQuestions {
  /** What the server asked for first though the client did not declare it. */
  undeclared: string | null = null
  private readonly client: LegacyClient
  private readonly method: string
  /** By the key that the client sees. */
  private readonly byKey = new Map<string, Question>()
  private readonly gathering: Gathering
  private asked = 0

  /** `method`: of the call. `onGathered`: what was asked is complete, as far as one can tell. */
  constructor(client: LegacyClient, method: string, onGathered: () => void) {
    this.client = client
    this.method = method
    this.gathering = new Gathering(onGathered)
  }

  get size(): number {
    return this.byKey.size
  }

  /** Takes a request of the server's. Why it cannot be asked; null: it will be. A call has room for 64 and for 1 MiB of them. */
  take(question: Message): string | null {
    const capability = capabilityAsked(question.text('method') ?? '')
    const objection = capability === null ? 'clients are never asked this' : this.objectionTo(question, capability)
    if (objection !== null) return objection
    this.add(`${capability}`, { id: idOf(question), text: inputRequestText(question) })
    this.gathering.add()
    return null
  }

  /** Takes what a server asks by ending its request: entries of `inputRequests`. False when there is no room for them. */
  takeAll(capability: string, entries: readonly string[]): boolean {
    if (entries.length > maxQuestions || entries.join('').length > maxBytes) return false
    for (const text of entries) this.add(capability, { id: null, text })
    return true
  }

  /** Takes out what is answered. Answers to what was not asked are ignored. */
  answered(responses: ReadonlyMap<string, string>): Reply[] {
    return [...responses].flatMap(([key, result]) => {
      const question = this.byKey.get(key)
      this.byKey.delete(key)
      return question === undefined ? [] : [{ id: question.id, result }]
    })
  }

  /** The server takes back the question with this id (JSON text). */
  withdraw(id: string): void {
    for (const [key, question] of this.byKey) {
      if (question.id !== null && scalarKey(question.id) === scalarKey(id)) this.byKey.delete(key)
    }
    if (this.byKey.size === 0) this.gathering.stop()
  }

  /** The text of each question by its key. */
  texts(): Map<string, string> {
    return new Map([...this.byKey].map(([key, { text }]) => [key, text]))
  }

  /** Forgets all, and returns the server's ids of those that it waits for. */
  clear(): string[] {
    this.gathering.stop()
    const ids = [...this.byKey.values()].flatMap(({ id }) => id ?? [])
    this.byKey.clear()
    return ids
  }

  private add(capability: string, question: Question): void {
    this.asked += 1
    this.byKey.set(`${capability}_${this.asked}`, question)
  }

  private objectionTo(question: Message, capability: string): string | null {
    if (!mayAsk(this.method)) return `nobody can be asked during ${this.method}`
    if (this.byKey.size >= maxQuestions) return `${maxQuestions} questions are open`
    const bytes = [...this.byKey.values()].reduce((sum, { text }) => sum + text.length, 0)
    if (bytes + question.byteLength > maxBytes) return `the questions are longer than ${maxBytes} bytes`
    if (canAnswer(this.client.capabilities, question.text('method') ?? '', question.raw('params'))) return null
    this.undeclared ??= capability
    return `the client did not declare "${capability}" for it`
  }
}
