/**
 * The gateway's own files. No sandbox writes or connects to any of them, in any mode, `full` included: also not by
 * renaming a folder above them, and not when they do not exist yet (`sandbox/protected.ts` makes the folders first).
 */
import { McpoError } from '../errors.ts'
import type { HostLayout, ProtectedPaths, ResolvedGrant } from './layout.ts'
import type { FilesystemPolicy } from './model.ts'
import { isBelow, isInside } from './paths.ts'

/** Throws CONFIG_ERROR for a grant that would open one of the gateway's own files. */
export function refuseProtectedGrants(layout: HostLayout, filesystem: FilesystemPolicy): void {
  const replaceable = layout.protectedLinks.find(({ isReplaceable }) => isReplaceable)
  if (filesystem.kind === 'full' && replaceable !== undefined) {
    throw new McpoError(
      'CONFIG_ERROR',
      `cannot give full access: the gateway's own files are reached through the symbolic link ${replaceable.path}`,
      {
        hint: 'name the folder that the link leads to instead, or grant single paths',
        data: { path: replaceable.path },
      },
    )
  }
  for (const grant of layout.grants) {
    refuseHidden(grant, layout.protected)
    if (grant.access === 'rw') refuseWritable(grant, layout)
  }
}

/** What the kernel shows as files cannot be granted: it is not data, and the sandbox has its own. */
export function refuseSystemGrants(layout: HostLayout): void {
  for (const { path, written } of layout.grants) {
    if (path === '/') {
      throw new McpoError('CONFIG_ERROR', 'cannot grant /: it holds everything', {
        hint: 'grant the folders that the server works on, or write filesystem = "host-readonly" or "full"',
      })
    }
    if (['/proc', '/sys', '/dev'].some((folder) => isInside(path, folder))) {
      throw new McpoError(
        'CONFIG_ERROR',
        `cannot grant ${written}: a sandbox has its own /proc and /dev, and no /sys`,
        {
          hint: 'take it out of filesystem',
        },
      )
    }
  }
}

function refuseHidden(grant: ResolvedGrant, paths: ProtectedPaths): void {
  const hidden = [...paths.hidden, ...paths.secret].find((path) => isInside(grant.path, path))
  if (hidden !== undefined) throw refusal(grant, `${hidden} holds the gateway's own state or secrets`)
}

function refuseWritable(grant: ResolvedGrant, layout: HostLayout): void {
  const closed = layout.protected.closed.find((path) => isInside(grant.path, path))
  if (closed !== undefined) throw refusal(grant, `${closed} belongs to the gateway itself`)
  const folder = layout.protected.folders.find((path) => path === grant.path)
  if (folder !== undefined) throw refusal(grant, 'it holds the configuration or the program of the gateway')
  const link = layout.protectedLinks.find(({ path }) => isBelow(path, grant.path))?.path
  if (link !== undefined)
    throw refusal(grant, `the gateway's own files are reached through the symbolic link ${link} in it`)
}

function refusal(grant: ResolvedGrant, why: string): McpoError {
  return new McpoError('CONFIG_ERROR', `cannot grant ${grant.access} access to ${grant.written}: ${why}`, {
    hint: "grant a folder that holds only what the server works on, or move it out of the gateway's folders",
    data: { path: grant.written, access: grant.access },
  })
}
