import type { Config } from '../config/model.ts'
import type { WritableGrant } from '../sandbox/foreign-grants.ts'

/** What some server of the configuration may write, disabled ones too: they may have run before. */
export function writableGrants({ servers }: Config): WritableGrant[] {
  return servers.flatMap((server) => {
    if (server.type !== 'stdio' || server.policy?.filesystem.kind !== 'paths') return []
    const grants = server.policy.filesystem.grants.filter(({ access }) => access === 'rw')
    return grants.map(({ path }) => ({ server: server.name, path }))
  })
}
