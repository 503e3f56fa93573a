import type { UpstreamSettings } from '../config/model.ts'
import { McpoError } from '../errors.ts'
import { Backoff, stableAfterMs } from './backoff.ts'
import type { Opened } from './connection.ts'
import { IdleCopies } from './idle-copies.ts'
import { Instance } from './instance.ts'
import { SharedCopies } from './shared-copies.ts'
import { createStarter, type Starter, type StarterOptions } from './start.ts'
import { startInTime } from './start-in-time.ts'

/** A start that has to wait longer than this for its turn is refused instead. */
const maxWaitMs = 2000

/** Between being given a shared copy and using it. */
const graceMs = 1000

export interface PoolOptions extends StarterOptions {
  /** How long a copy may be idle; five minutes when left out. */
  readonly idleMs?: number
}

/** The running copies of one server: never more than `max_instances`, restarted with growing pauses, all ended by `stop`. */
export class Pool {
  readonly settings: UpstreamSettings
  private readonly options: PoolOptions
  private readonly starter: Starter
  private readonly instances = new Set<Instance>()
  /** Copies that nobody uses now: they are ended when their place is needed, or after a while. */
  readonly idle: IdleCopies
  private readonly backoff = new Backoff()
  private starting = 0
  private stopped = false
  /** Settles when the server, which is being asked about itself, has said it. */
  private examination: Promise<void> | null = null
  private readonly sharedCopies = new SharedCopies<Instance>(() => this.startShared())

  constructor(options: PoolOptions) {
    this.options = options
    this.idle = new IdleCopies(options.idleMs)
    this.starter = createStarter(options)
    this.settings = options.settings
  }

  get size(): number {
    return this.instances.size + this.starting
  }

  /** How long a server that keeps failing still rests. */
  get restMs(): number {
    return this.backoff.waitMs
  }

  get callsInFlight(): number {
    return [...this.instances].reduce((sum, instance) => sum + instance.callsInFlight, 0)
  }

  /** Starts a copy that belongs to the caller alone, who stops it. */
  start(): Promise<Instance> {
    return this.begin(() => this.examination)
  }

  /**
   * Asks the server about itself, on copies that `ask` starts and soon ends or shares: whoever finds no room meanwhile waits
   * for the end of it.
   */
  async examine<Found>(ask: (start: () => Promise<Instance>) => Promise<Found>): Promise<Found> {
    // Who asks would wait for himself.
    const asked = ask(() => this.begin(() => null))
    const forget = (): void => {
      if (this.examination === over) this.examination = null
    }
    const over: Promise<void> = asked.then(forget, forget)
    this.examination = over
    return asked
  }

  private async begin(examination: () => Promise<unknown> | null): Promise<Instance> {
    await this.reserve(examination)
    try {
      await this.waitForTurn()
      return this.adopt(await this.open())
    } finally {
      this.starting -= 1
    }
  }

  /**
   * The copy that a principal's requests without a session share (or everybody's, where that is written). It is ended when
   * nothing was in flight for a while, and makes room for others; so it is to be used at once.
   */
  async shared(principal: string): Promise<Instance> {
    const instance = await this.sharedCopies.of(this.settings.sharing === 'shared' ? null : principal)
    if (this.idle.has(instance)) this.idle.add(instance, graceMs)
    return instance
  }

  /** A modern server's copy that already runs: for the first who needs one. */
  share(instance: Instance): void {
    this.sharedCopies.offer(this.watched(instance))
  }

  async stop(): Promise<void> {
    this.stopped = true
    await Promise.all([...this.instances].map((instance) => instance.stop('ends because the gateway ends')))
    await this.starter.close()
  }

  private async startShared(): Promise<Instance> {
    return this.watched(await this.start())
  }

  /** It is idle whenever nothing is in flight, whoever uses it. */
  private watched(instance: Instance): Instance {
    instance.onIdle = (isIdle) => (isIdle ? this.idle.add(instance, graceMs) : this.idle.take(instance))
    this.idle.add(instance, graceMs)
    return instance
  }

  /** Takes a place among `max_instances`. `examination`: whose end frees one. */
  private async reserve(examination: () => Promise<unknown> | null): Promise<void> {
    const { name, maxInstances } = this.settings
    const latestMs = performance.now() + maxWaitMs
    while (this.size >= maxInstances && (await this.makeRoom(latestMs, examination())));
    if (this.stopped) throw new McpoError('TRANSPORT_ERROR', 'The gateway is ending')
    if (this.size >= maxInstances) throw full(name, this.size)
    this.starting += 1
  }

  /** Copies that are ending still count (each is a process), but are worth a wait. False: nobody is about to go. */
  private async makeRoom(latestMs: number, examination: Promise<unknown> | null): Promise<boolean> {
    const ending = [...this.instances].find(({ alive }) => !alive)
    if (ending !== undefined) await ending.closed
    else if (await this.idle.evict(latestMs)) return true
    else if (examination === null) return false
    else await examination
    return true
  }

  private async waitForTurn(): Promise<void> {
    const waitMs = this.backoff.waitMs
    if (waitMs > maxWaitMs) throw this.resting(waitMs)
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs).unref())
  }

  private resting(waitMs: number): McpoError {
    const { name } = this.settings
    const message = `Server "${name}" failed ${this.backoff.failuresInARow} times in a row and rests for ${Math.ceil(waitMs / 1000)} s`
    return new McpoError('TRANSPORT_ERROR', message, { hint: 'The log says why it failed.' })
  }

  private async open(): Promise<Opened> {
    try {
      return await startInTime(this.starter, this.settings)
    } catch (thrown) {
      this.backoff.failed()
      throw thrown
    }
  }

  private adopt(opened: Opened): Instance {
    const { settings, limits, log } = this.options
    const instance = new Instance({ settings, limits, log, opened })
    if (this.stopped) void instance.stop()
    this.instances.add(instance)
    const bornAt = performance.now()
    void instance.closed.then((error) => this.bury(instance, bornAt, error))
    return instance
  }

  private bury(instance: Instance, bornAt: number, error: McpoError): void {
    this.instances.delete(instance)
    if (this.stopped || instance.stopRequested) return
    if (performance.now() - bornAt < stableAfterMs) this.backoff.failed()
    else this.backoff.succeeded()
    this.options.log.warn({ server: this.settings.name }, error.message)
  }
}

function full(name: string, count: number): McpoError {
  return new McpoError('TOO_MANY', `${count} copies of "${name}" run, which is the most there may be`, {
    hint: `Close sessions that are no longer used, or raise max_instances for "${name}".`,
  })
}
