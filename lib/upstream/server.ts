import type { UpstreamSettings } from '../config/model.ts'
import { type McpoError, toMcpoError } from '../errors.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { probe, type ServerFacts } from './probe.ts'

/** One configured server: its copies, and what it said about itself. */
export class UpstreamServer {
  readonly settings: UpstreamSettings
  readonly pool: Pool
  /** The scanner for its messages. */
  readonly scan: PoolOptions['scan']
  private readonly log: PoolOptions['log']
  private asked: Promise<ServerFacts> | null = null
  private failed = false

  constructor(options: PoolOptions) {
    this.settings = options.settings
    this.log = options.log
    this.scan = options.scan
    this.pool = new Pool(options)
  }

  get name(): string {
    return this.settings.name
  }

  /** Asks the server once; a failure is forgotten, so that the next caller asks again. Rejects with a McpoError. */
  facts(): Promise<ServerFacts> {
    if (this.asked !== null) return this.asked
    const asked = probe(this.pool)
    this.asked = asked
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

  /**
   * What is known for requests to all servers: waits for the first asking, but never for a server that failed before (which is
   * asked again in the background, as soon as it has rested).
   */
  known(): Promise<ServerFacts | null> {
    if (!this.failed) return this.facts().catch(() => null)
    if (this.asked === null && this.pool.restMs === 0) this.facts().catch(() => {})
    return Promise.resolve(null)
  }

  private report(error: McpoError): void {
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    this.log.error({ server: this.name, code: error.code, ...hint }, error.message)
  }
}
