/** The control group that guest/init delegates, and starts the command in. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

export const slice = '/sys/fs/cgroup/mcpo.slice'

/** The group of the one server that runs. */
export function onlyGroup(): string {
  const base = join(slice, 'mcpo')
  const groups = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  if (groups.length !== 1) throw new Error(`${groups.length} servers run`)
  return join(base, groups[0]?.name ?? '')
}
