import { McpoError } from '../../errors.ts'
import { logLevels } from '../../protocol/log-levels.ts'
import type { Message } from '../../protocol/model.ts'

/** What a session gets that never set a level, as soon as another did. */
const defaultRank = logLevels.indexOf('info')

/** The log level of a copy that several sessions use: the most verbose that one of them asked for; each gets what it asked for. */
export class LogLevel<Who> {
  private readonly ranks = new Map<Who, number>()
  private told: number | null = null

  /**
   * Resolves with the server's answer, or null where it need not be told. `send` tells it a level. Throws INVALID_PARAMS for
   * what is no level.
   */
  async set(who: Who, level: string | null, send: (level: string) => Promise<Message>): Promise<Message | null> {
    const rank = logLevels.indexOf(level ?? '')
    if (rank < 0) throw new McpoError('INVALID_PARAMS', `params.level must be one of ${logLevels.join(', ')}`)
    const before = this.ranks.get(who)
    // Noted before it is granted, so that another session's level, set meanwhile, does not lower it.
    this.ranks.set(who, rank)
    const wanted = Math.min(...this.ranks.values())
    if (wanted === this.told) return null
    this.told = wanted
    const answer = await send(logLevels[wanted] ?? 'info')
    if (answer.isError) this.revert(who, before, wanted)
    return answer
  }

  /** Whether somebody asked for a message of this level. What has none of the known levels is for everybody. */
  admits(who: Who, level: string | null): boolean {
    const rank = logLevels.indexOf(level ?? '')
    if (rank < 0 || this.told === null) return true
    return rank >= (this.ranks.get(who) ?? defaultRank)
  }

  /** Others keep what they asked for; the server goes on telling as much as it was told to. */
  leave(who: Who): void {
    this.ranks.delete(who)
  }

  private revert(who: Who, before: number | undefined, refused: number): void {
    if (before === undefined) this.ranks.delete(who)
    else this.ranks.set(who, before)
    if (this.told === refused) this.told = null
  }
}
