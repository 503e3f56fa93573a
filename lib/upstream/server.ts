import type { UpstreamSettings } from '../config/model.ts'
import { type McpoError, toMcpoError } from '../errors.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { probe, type ServerFacts } from './probe.ts'

/** What a server said is taken for true this long; then it is asked again, since it may have been updated meanwhile. */
export const maxFactsAgeMs = 24 * 60 * 60_000

/** One configured server: its copies, and what it said about itself. */
export class UpstreamServer {
  readonly settings: UpstreamSettings
  readonly pool: Pool
  /** The scanner for its messages. */
  readonly scan: PoolOptions['scan']
  private readonly log: PoolOptions['log']
  private readonly now: () => number
  private asked: Promise<ServerFacts> | null = null
  private askedAt = 0
  private failed = false

  constructor(options: PoolOptions, now: () => number = () => performance.now()) {
    this.now = now
    this.settings = options.settings
    this.log = options.log
    this.scan = options.scan
    this.pool = new Pool(options)
  }

  get name(): string {
    return this.settings.name
  }

  /**
   * Asks the server once, and once a day in the background; a failure of the first asking is forgotten, so that the next
   * caller asks again. Rejects with a McpoError.
   */
  facts(): Promise<ServerFacts> {
    if (this.asked === null) this.asked = this.ask()
    else if (this.now() - this.askedAt > maxFactsAgeMs) this.renew(this.asked)
    return this.asked
  }

  private ask(): Promise<ServerFacts> {
    this.askedAt = this.now()
    const asked = probe(this.pool)
    asked.then(
      (facts) => {
        this.failed = false
        this.log.info({ server: this.name, era: facts.era }, 'server is ready')
      },
      (thrown) => {
        this.failed = true
        if (this.asked === asked) this.asked = null
        this.report(toMcpoError(thrown))
      },
    )
    return asked
  }

  /** What is known stays in use until the server has said something newer. */
  private renew(known: Promise<ServerFacts>): void {
    this.askedAt = this.now()
    probe(this.pool).then(
      (facts) => {
        if (this.asked === known) this.asked = Promise.resolve(facts)
      },
      (thrown) => this.report(toMcpoError(thrown)),
    )
  }

  /**
   * What is known for requests to all servers: waits for the first asking, but never for a server that failed before (which is
   * asked again in the background, as soon as it has rested).
   */
  known(): Promise<ServerFacts | null> {
    if (!this.failed) return this.facts().catch(() => null)
    if (this.asked === null && this.pool.restMs === 0) this.facts().catch(() => {})
    return Promise.resolve(null)
  }

  /** For the log, of no weight. */
  note(text: string): void {
    this.log.debug({ server: this.name }, text)
  }

  private report(error: McpoError): void {
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    this.log.error({ server: this.name, code: error.code, ...hint }, error.message)
  }
}
