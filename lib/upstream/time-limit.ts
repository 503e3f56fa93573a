import type { UpstreamSettings } from '../config/model.ts'

/** How long an answer may take. */
export interface TimeLimit {
  readonly ms: number
  /** What whoever hits it can do; left out where nothing can be set. */
  readonly hint?: string
}

type Timeouts = Pick<UpstreamSettings, 'requestTimeoutMs' | 'startupTimeoutMs'>

/** For what clients ask. */
export function requestLimit({ requestTimeoutMs: ms }: Timeouts): Required<TimeLimit> {
  return { ms, hint: 'Raise request_timeout_seconds for this server if its work takes longer.' }
}

/** For what makes a copy ready for use. */
export function startLimit({ startupTimeoutMs: ms }: Timeouts): Required<TimeLimit> {
  return { ms, hint: 'Raise startup_timeout_seconds for this server if it needs longer to start.' }
}
