import { randomBytes } from 'node:crypto'
import type { Principal } from '../auth/model.ts'
import { McpoError } from '../errors.ts'
import { ReplayBudget } from './replay-budget.ts'
import { Session } from './session.ts'

export interface SessionLimits {
  readonly maxSessions: number
  readonly idleMs: number
}

const maxOpeningBytes = 64 * 1024

/** All legacy sessions. Ids come from the system's random source; a session belongs to one principal and one endpoint. */
export class Sessions {
  private readonly sessions = new Map<string, Session>()
  private readonly limits: SessionLimits
  private readonly replayBudget = new ReplayBudget()
  private readonly timer: NodeJS.Timeout
  private readonly now: () => number

  constructor(limits: SessionLimits, now: () => number = () => performance.now()) {
    this.limits = limits
    this.now = now
    const everyMs = Math.max(100, Math.min(30_000, limits.idleMs / 4))
    this.timer = setInterval(() => this.expire(), everyMs).unref()
  }

  get size(): number {
    return this.sessions.size
  }

  /** Throws TOO_MANY when there are as many as there may be. */
  create(principal: Principal, endpoint: string | null, openingParams: string): Session {
    if (openingParams.length > maxOpeningBytes) {
      throw new McpoError('TOO_LARGE', `The params of initialize may have ${maxOpeningBytes} bytes`)
    }
    if (this.sessions.size >= this.limits.maxSessions) throw tooMany(this.sessions.size)
    const id = randomBytes(24).toString('base64url')
    const { replayBudget } = this
    const session = new Session({ id, principal, endpoint, openingParams, replayBudget })
    this.sessions.set(session.id, session)
    return session
  }

  /** `initialize` was answered: from now on the session can expire. */
  opened(session: Session): void {
    session.opening = false
    session.lastUsed = this.now()
  }

  /** Throws NOT_FOUND, in the same words whether the session is unknown or another's. */
  get(id: string, principal: Principal, endpoint: string | null): Session {
    const session = this.sessions.get(id)
    if (session === undefined || session.principal.id !== principal.id || session.endpoint !== endpoint) throw unknown()
    session.lastUsed = this.now()
    return session
  }

  /** Ends a session and its copies of the servers. */
  async close(session: Session): Promise<void> {
    this.sessions.delete(session.id)
    await session.close()
  }

  async stop(): Promise<void> {
    clearInterval(this.timer)
    await Promise.all([...this.sessions.values()].map((session) => this.close(session)))
  }

  /** Ends the sessions that nothing was heard of for too long. */
  expire(): void {
    const before = this.now() - this.limits.idleMs
    for (const session of this.sessions.values()) {
      if (session.idle && session.lastUsed <= before) void this.close(session)
    }
  }
}

function unknown(): McpoError {
  return new McpoError('NOT_FOUND', 'There is no such session', { hint: 'Start a new one with initialize.' })
}

function tooMany(count: number): McpoError {
  return new McpoError('TOO_MANY', `${count} sessions are open, which is the most there may be`, {
    hint: 'End sessions with DELETE when they are no longer used, or raise max_sessions of [server].',
  })
}
