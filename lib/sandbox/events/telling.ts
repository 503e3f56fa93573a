import type { TellEgress } from '../../egress/telling.ts'
import type { Plan } from '../../policy/plan.ts'
import type { ToldRecord } from '../life.ts'
import type { ExitStatus, LimitHit, LimitNear } from '../model.ts'
import { Accesses } from './accesses.ts'
import { endingEvents, limitHit, limitNear } from './ending.ts'
import type { Refusal } from './model.ts'
import { refusedCall } from './refused-call.ts'
import { tellEgress } from './traffic.ts'

export interface TellingOptions {
  readonly name: string
  readonly plan: Plan
  readonly onEvent: (event: Refusal) => void
}

/** From what the kernel and the supervisor say about one server to events. */
export class Telling {
  /** Of what is done on its way to the world. */
  readonly egress: TellEgress
  readonly #options: TellingOptions
  readonly #accesses: Accesses
  readonly #hits = new Map<LimitHit['limit'], number>()

  constructor(options: TellingOptions) {
    this.#options = options
    this.egress = tellEgress(options.name, options.onEvent, (hit) => this.hit(hit))
    this.#accesses = new Accesses(options.name, options.plan, options.onEvent)
  }

  take(told: ToldRecord): void {
    const { name, onEvent } = this.#options
    if (told.kind === 'refusal') onEvent(refusedCall(name, told))
    else this.#accesses.take(told)
  }

  /** Told again only when it was hit again since. */
  hit(hit: LimitHit): void {
    if (this.#hits.get(hit.limit) === hit.times) return
    this.#hits.set(hit.limit, hit.times)
    this.#options.onEvent(limitHit(this.#options.name, hit))
  }

  near(near: LimitNear): void {
    this.#options.onEvent(limitNear(this.#options.name, near))
  }

  /** Tells the rest. */
  async end(status: ExitStatus): Promise<void> {
    await this.#accesses.end()
    const { name, onEvent } = this.#options
    for (const hit of status.hits ?? []) this.hit(hit)
    for (const event of endingEvents(name, status)) onEvent(event)
  }
}
