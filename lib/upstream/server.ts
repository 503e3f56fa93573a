import type { UpstreamSettings } from '../config/model.ts'
import { type McpoError, toMcpoError } from '../errors.ts'
import { Pool, type PoolOptions } from './pool.ts'
import { probe, type ServerFacts } from './probe.ts'

/** One configured server: its copies, and what it said about itself. */
export class UpstreamServer {
  readonly settings: UpstreamSettings
  readonly pool: Pool
  private readonly log: PoolOptions['log']
  private asked: Promise<ServerFacts> | null = null

  constructor(options: PoolOptions) {
    this.settings = options.settings
    this.log = options.log
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
      (facts) => this.log.info({ server: this.name, era: facts.era }, 'server is ready'),
      (thrown) => {
        if (this.asked === asked) this.asked = null
        this.report(toMcpoError(thrown))
      },
    )
    return asked
  }

  private report(error: McpoError): void {
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    this.log.error({ server: this.name, code: error.code, ...hint }, error.message)
  }
}
