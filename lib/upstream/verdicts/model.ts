import type { Era } from '../../protocol/revisions/index.ts'

/** Which era a server was found to speak. */
export interface Verdict {
  readonly era: Era
  /** Milliseconds since 1970. */
  readonly at: number
}

/** What is remembered of servers from one run of the gateway to the next, by `verdictKey`. */
export interface Verdicts {
  find(key: string): Verdict | null
  note(key: string, era: Era): void
}

/** Remembers nothing. */
export const noVerdicts: Verdicts = { find: () => null, note() {} }
