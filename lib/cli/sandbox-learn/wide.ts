/** What a server is shown while it is watched: what its policy has, and the rest of the host read-only, credentials masked. */
import type { PathGrant, Policy } from '../../policy/model.ts'
import { isInside } from '../../policy/paths.ts'
import { systemNames } from '../../policy/rootfs.ts'
import { lookAtLink, namesIn } from '../../sandbox/look.ts'

/** The kernel's, what every sandbox has of its own, and where the host keeps its settings. */
const ownNames = ['/proc', '/sys', '/dev', '/run', '/tmp', '/var', '/etc', '/boot', '/lost+found', '/snap']

/** All public destinations, and the top folders of the host besides what is granted. */
export async function widePolicy(policy: Policy): Promise<Policy> {
  const { filesystem } = policy
  const network = policy.network === 'host' ? 'host' : ({ kind: 'public' } as const)
  if (filesystem.kind === 'full' || filesystem.kind === 'host-readonly') return { ...policy, network }
  const granted = filesystem.kind === 'paths' ? filesystem.grants : []
  const wide = (await topFolders())
    .filter((path) => !granted.some((grant) => isInside(path, grant.path)))
    .map((path): PathGrant => ({ path, access: 'ro' }))
  return { ...policy, network, filesystem: { kind: 'paths', grants: [...granted, ...wide] } }
}

/** Of a server that is granted nothing: what it would have been refused is what it needs. */
export function narrowPolicy(policy: Policy): Policy {
  return { ...policy, network: false, filesystem: { kind: 'readonly' } }
}

async function topFolders(): Promise<string[]> {
  const paths = (await namesIn('/')).map((name) => `/${name}`)
  const shown = paths.filter((path) => ![...ownNames, ...systemNames].includes(path))
  const folders = await Promise.all(shown.map(async (path) => ((await lookAtLink(path))?.isDirectory() ? path : null)))
  return folders.filter((path) => path !== null).sort()
}
