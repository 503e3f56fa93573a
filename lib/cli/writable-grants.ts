import type { Config } from '../config/model.ts'

/** What some server of the configuration may write, disabled ones too: they may have run before. */
export function writableGrants({ servers }: Config): string[] {
  const policies = servers.flatMap((server) =>
    server.type === 'stdio' && server.policy !== null ? [server.policy.filesystem] : [],
  )
  const grants = policies.flatMap((filesystem) => (filesystem.kind === 'paths' ? filesystem.grants : []))
  return grants.filter(({ access }) => access === 'rw').map(({ path }) => path)
}
