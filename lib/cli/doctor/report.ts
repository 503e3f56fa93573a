/** What `mcpo doctor` found, as `--json` prints it. */
import type { Verdict } from '../../policy/model.ts'
import type { HostLine } from './host-lines.ts'

export interface DoctorReport {
  /** `null` without a configuration file. */
  readonly config: string | null
  readonly host: readonly HostLine[]
  readonly servers: readonly ServerReport[]
}

export interface ServerReport {
  readonly name: string
  readonly ok: boolean
  readonly verdicts: readonly Verdict[]
  readonly notes: readonly string[]
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
}
