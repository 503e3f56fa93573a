/** `mcpo doctor --json`, read. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import type { HostLine } from '../../../lib/cli/doctor/host-lines.ts'
import type { DoctorReport } from '../../../lib/cli/doctor/report.ts'
import { packageFolder } from '../../platform/linux/sandboxed.ts'

export interface DoctorOutcome {
  readonly code: number
  /** What it says of this host under a name. */
  readonly line: (name: string) => HostLine | undefined
}

export async function doctor(): Promise<DoctorOutcome> {
  const args = [join(packageFolder, 'bin/mcpo.js'), 'doctor', '--json']
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, stdout) => {
      const { host }: DoctorReport = JSON.parse(stdout)
      resolve({ code: Number(error?.code ?? 0), line: (name) => host.find((each) => each.name === name) })
    })
  })
}
