import type { UpstreamSettings } from '../config/model.ts'
import { type McpoError, toMcpoError } from '../errors.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { probe, type ServerFacts } from './probe.ts'
import { verdictKey } from './verdicts/key.ts'
import { noVerdicts, type Verdict, type Verdicts } from './verdicts/model.ts'

export interface ServerOptions extends PoolOptions {
  /** What is remembered of earlier runs; nothing when left out. */
  readonly verdicts?: Verdicts
}

/** What a server said is taken for true this long; then it is asked again, since it may have been updated meanwhile. */
export const maxFactsAgeMs = 24 * 60 * 60_000

/** One configured server: its copies, and what it said about itself. */
export class UpstreamServer {
  readonly settings: UpstreamSettings
  readonly pool: Pool
  /** The scanner for its messages. */
  readonly scan: PoolOptions['scan']
  private readonly log: PoolOptions['log']
  private readonly verdicts: Verdicts
  private readonly now: () => number
  private asked: Promise<ServerFacts> | null = null
  private askedAt = 0
  private failed = false

  constructor(options: ServerOptions, now: () => number = () => performance.now()) {
    this.now = now
    this.settings = options.settings
    this.log = options.log
    this.verdicts = options.verdicts ?? noVerdicts
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
    const asked = this.examine()
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

  /** With what was found out in an earlier run, however old; once it is too old the server is asked again. */
  private async examine(): Promise<ServerFacts> {
    const key = await verdictKey(this.settings)
    const known = this.remembered(key)
    const facts = await probe(this.pool, known?.era ?? null)
    const isAssumed = known?.era === 'legacy' && facts.era === 'legacy'
    if (isAssumed) this.askedAt -= Date.now() - known.at
    else this.remember(key, facts)
    return facts
  }

  /** Null also after a failure, for which it may be to blame. */
  private remembered(key: string): Verdict | null {
    return this.settings.protocol !== 'auto' || this.failed ? null : this.verdicts.find(key)
  }

  private remember(key: string, { era }: ServerFacts): void {
    if (this.settings.protocol === 'auto') this.verdicts.note(key, era)
  }

  /** What is known stays in use until the server has said something newer. */
  private renew(known: Promise<ServerFacts>): void {
    this.askedAt = this.now()
    const key = verdictKey(this.settings)
    probe(this.pool).then(
      async (facts) => {
        if (this.asked === known) this.asked = Promise.resolve(facts)
        this.remember(await key, facts)
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
