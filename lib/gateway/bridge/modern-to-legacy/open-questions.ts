import { inputRequestText } from '../../../protocol/bridge/modern-to-legacy/input-required.ts'
import type { Message } from '../../../protocol/model.ts'
import { scalarKey } from '../../../upstream/scalar.ts'
import { idOf } from '../../answers.ts'

const maxQuestions = 64
const maxBytes = 1024 * 1024
/**
 * A server that asks several things at once writes one request after the other, and they may be read one by one: so many
 * milliseconds without another make them complete. A client has to come back for every round, which takes it longer than
 * this. A server that never stops asking is cut short.
 */
const quietMs = 25
const maxGatherMs = 100

/** An answer of the client, for the server. */
export interface Reply {
  /** The server's id of the question, JSON text. */
  readonly id: string
  /** JSON text of an object. */
  readonly result: string
}

/** What the server of one call has asked and its client has not answered. */
export class OpenQuestions {
  /** By the key that the client sees: the server's id (JSON text), and the question. */
  private readonly byKey = new Map<string, { readonly id: string; readonly text: string }>()
  private readonly onGathered: () => void
  private asked = 0
  private timer: NodeJS.Timeout | null = null
  private gatherUntilMs = 0

  /** `onGathered`: what was asked is complete, as far as one can tell. */
  constructor(onGathered: () => void) {
    this.onGathered = onGathered
  }

  get size(): number {
    return this.byKey.size
  }

  /** Why a question cannot be taken; null: it can. A call has room for 64 and for 1 MiB of them. */
  whyFull(question: Message): string | null {
    if (this.byKey.size >= maxQuestions) return `${maxQuestions} questions are open`
    const bytes = [...this.byKey.values()].reduce((sum, { text }) => sum + text.length, 0)
    return bytes + question.byteLength > maxBytes ? `the questions are longer than ${maxBytes} bytes` : null
  }

  add(capability: string, question: Message): void {
    this.asked += 1
    this.byKey.set(`${capability}_${this.asked}`, { id: idOf(question), text: inputRequestText(question) })
    const now = performance.now()
    if (this.timer === null) this.gatherUntilMs = now + maxGatherMs
    this.stopTimer()
    this.timer = setTimeout(() => this.gathered(), Math.min(quietMs, this.gatherUntilMs - now)).unref()
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
    for (const [key, question] of this.byKey) if (scalarKey(question.id) === scalarKey(id)) this.byKey.delete(key)
    if (this.byKey.size === 0) this.stopTimer()
  }

  /** The text of each question by its key. */
  texts(): Map<string, string> {
    return new Map([...this.byKey].map(([key, { text }]) => [key, text]))
  }

  /** Forgets all, and returns the server's ids of them. */
  clear(): string[] {
    this.stopTimer()
    const ids = [...this.byKey.values()].map(({ id }) => id)
    this.byKey.clear()
    return ids
  }

  private gathered(): void {
    this.timer = null
    this.onGathered()
  }

  private stopTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }
}
