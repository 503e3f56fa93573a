/** What `mcpo doctor` found, as `--json` prints it. */
import type { Started } from '../../sandbox/events/model.ts'
import type { HostLine } from './host-lines.ts'

export interface DoctorReport {
  /** `null` without a configuration file. */
  readonly config: string | null
  readonly host: readonly HostLine[]
  readonly servers: readonly ServerReport[]
}

/** What the event of a server's start has; the start ends just before the server would be executed. */
export interface ServerReport extends Pick<Started, 'verdicts' | 'proof' | 'notes'> {
  readonly name: string
  readonly ok: boolean
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
}
