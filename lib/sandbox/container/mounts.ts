/** What the policy grants, as mounts of a container: the same list as for a sandbox of our own, in an engine's words. */
import { McpoError } from '../../errors.ts'
import type { ContainerMount } from '../../policy/container/run.ts'
import { compileGrants } from '../../policy/grants.ts'
import type { HostLayout } from '../../policy/layout.ts'
import type { Policy } from '../../policy/model.ts'
import { isInside } from '../../policy/paths.ts'
import type { MountOperation } from '../../policy/plan.ts'
import { refuseProtectedGrants, refuseSystemGrants } from '../../policy/protect.ts'
import { lookAt, lookAtLink, realPathOf } from '../look.ts'
import { listeningSockets } from '../sockets.ts'

const noProgram = { executable: '', argv: [], mounts: [], links: [], searchPath: [] }

/** Sockets of what could start anything as anybody. */
const engineSocket = /(docker|podman|containerd|crio|buildkit)[^/]*\.sock$/

/** Throws CONFIG_ERROR for a grant that would open the gateway's own files, or an engine's. */
export async function containerMounts(
  { filesystem }: Policy,
  layout: HostLayout,
  enginePlaces: readonly string[],
): Promise<ContainerMount[]> {
  refuseSystemGrants(layout)
  refuseProtectedGrants(layout, filesystem)
  await refuseEngine(layout, enginePlaces)
  const { mounts } = compileGrants({ filesystem, layout, program: noProgram, idmap: false })
  const inWords = await Promise.all(mounts.map((mount) => containerMount(mount)))
  return inWords.filter((mount) => mount !== null)
}

async function refuseEngine({ grants }: HostLayout, enginePlaces: readonly string[]): Promise<void> {
  const sockets = ((await listeningSockets()) ?? []).filter((path) => engineSocket.test(path))
  const places = [...sockets, '/run/docker.sock', '/run/podman', ...enginePlaces]
  const own = await Promise.all(places.map(async (path) => (await realPathOf(path)) ?? path))
  for (const { path, written } of grants) {
    const held = own.find((each) => isInside(each, path) || isInside(path, each))
    if (held === undefined) continue
    throw new McpoError(
      'CONFIG_ERROR',
      `cannot grant ${written} to a container: ${held} belongs to a container engine`,
      {
        hint: 'grant a folder that holds only what the server works on',
        data: { path: written },
      },
    )
  }
}

/** A link has no counterpart: what is granted is at its real place. */
async function containerMount(mount: MountOperation): Promise<ContainerMount | null> {
  switch (mount.op) {
    case 'bind':
      return { kind: 'bind', source: mount.source, target: mount.target, access: mount.access }
    case 'readonly':
      return onto(mount.target, 'ro')
    case 'pin':
      return onto(mount.target, 'rw')
    case 'guard':
      return guarded(mount.target)
    case 'mask':
      return cover(mount.target)
    default:
      return null
  }
}

async function onto(path: string, access: 'ro' | 'rw'): Promise<ContainerMount | null> {
  return (await lookAt(path)) === null ? null : { kind: 'bind', source: path, target: path, access }
}

/** What is absent cannot be taken without leaving it behind, and a link cannot be held: the verdict says so. */
async function guarded(path: string): Promise<ContainerMount | null> {
  const stats = await lookAtLink(path)
  const isHeld = stats?.isDirectory() === true || stats?.isFile() === true
  return isHeld ? { kind: 'bind', source: path, target: path, access: 'ro' } : null
}

async function cover(target: string): Promise<ContainerMount | null> {
  const stats = await lookAt(target)
  if (stats === null) return null
  return stats.isDirectory() ? { kind: 'cover', target } : { kind: 'bind', source: '/dev/null', target, access: 'ro' }
}
