/** Reads what compilation needs to know of this host's file system. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ownHome } from '../config/paths.ts'
import { McpoError } from '../errors.ts'
import type { HostFile, HostLayout, PathLink, ProtectedLink, ProtectedPaths, ResolvedGrant } from '../policy/layout.ts'
import type { PathGrant, Policy } from '../policy/model.ts'
import { isBelow, isInside } from '../policy/paths.ts'
import { etcNames, systemNames } from '../policy/rootfs.ts'
import { aliasesOf } from './aliases.ts'
import { type Canonical, canonical } from './canonical.ts'
import { accountSecretsBelow, existingCredentials, shownSockets } from './credentials.ts'
import type { WritableGrant } from './foreign-grants.ts'
import { kernelMountsBelow } from './kernel-mounts.ts'
import { isWritable, linkTarget, lookAt, lookAtLink, realPathOf } from './look.ts'
import { type Mount, parseMounts } from './mountinfo.ts'
import { type CanonicalProtected, ensureFolders } from './protected.ts'
import { randomHex } from './random.ts'
import { demandTrustedLinks } from './trusted-links.ts'

export interface LayoutRequest {
  readonly policy: Policy
  readonly protectedPaths: CanonicalProtected
  /** What is to be shown for the program. */
  readonly programMounts: readonly string[]
  readonly hostUid: number | null
  readonly timezone: string | undefined
  /** See `SandboxContext.writableGrants`. */
  readonly writableGrants: readonly WritableGrant[]
}

/** Throws CONFIG_ERROR for a path of the policy that is not there. What is guarded: `guards.ts`. */
export async function readLayout(request: LayoutRequest): Promise<Omit<HostLayout, 'guarded'>> {
  const { policy } = request
  const grants = policy.filesystem.kind === 'paths' ? await resolveGrants(policy.filesystem.grants, request) : []
  const system = await readSystem()
  const mounts = parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'))
  const own = await resolveProtected(request, grants, mounts)
  const masked = await maskedPaths(policy, grants, mounts)
  const { closed, folders, hidden, secret } = own.protected
  const named = [
    ...request.programMounts,
    ...grants.map(({ path }) => path),
    ...masked,
    ...closed,
    ...folders,
    ...hidden,
    ...secret,
  ]
  return {
    ...system,
    ...own,
    grants,
    etc: await filesOf(etcNames.map((name) => `/etc/${name}`)),
    resolver: policy.network === 'host' ? await filesOf(['/etc/resolv.conf', '/etc/hosts']) : [],
    impassable: request.hostUid === null ? [] : await impassableFolders(named),
    masked,
    home: ownHome(),
    machineId: randomHex(16),
    timezone: request.timezone ?? null,
  }
}

async function maskedPaths(
  { filesystem }: Policy,
  grants: readonly ResolvedGrant[],
  mounts: readonly Mount[],
): Promise<string[]> {
  if (filesystem.kind === 'paths') {
    return [...(await accountSecretsBelow(grants.map(({ path }) => path))), ...kernelMountsBelow(grants, mounts)]
  }
  return filesystem.kind === 'host-readonly' ? [...(await existingCredentials()), ...(await shownSockets())] : []
}

async function resolveGrants(
  grants: readonly PathGrant[],
  { policy, writableGrants }: LayoutRequest,
): Promise<ResolvedGrant[]> {
  const resolved = new Map<string, ResolvedGrant>()
  const writable = await Promise.all(writableGrants.map(({ path }) => canonical(path)))
  for (const grant of grants) {
    const written = resolve(grant.path)
    const { path, links } = await canonical(written)
    if ((await lookAt(path)) === null) throw noSuchPath(written, policy.name)
    await demandTrustedLinks(links, written)
    const astray = links.find((link) => writable.some((folder) => isBelow(link, folder.path)))
    if (astray !== undefined) throw ledAstray(written, policy.name, astray, path)
    const other = resolved.get(path)
    if (other !== undefined && other.access !== grant.access) {
      throw new McpoError(
        'CONFIG_ERROR',
        `${other.written} (${other.access}) and ${written} (${grant.access}) are one and the same path`,
        {
          hint: 'keep one of the two lines',
        },
      )
    }
    if (other === undefined) resolved.set(path, { path, access: grant.access, written })
  }
  return [...resolved.values()]
}

function noSuchPath(path: string, server: string): McpoError {
  return new McpoError(
    'CONFIG_ERROR',
    `the path ${path} that the policy of ${server} grants does not exist, or cannot be reached`,
    {
      hint: 'make it, or take it out of filesystem',
      data: { path },
    },
  )
}

function ledAstray(path: string, server: string, link: string, target: string): McpoError {
  return new McpoError(
    'CONFIG_ERROR',
    `the path ${path} that the policy of ${server} grants leads to ${target} by the symbolic link ${link}, which a server may have made`,
    { hint: `grant ${target} itself, if that is what is meant`, data: { path, link, target } },
  )
}

async function readSystem(): Promise<Pick<HostLayout, 'systemFolders' | 'systemLinks'>> {
  const systemFolders: string[] = []
  const systemLinks: PathLink[] = []
  for (const path of systemNames) {
    const stats = await lookAtLink(path)
    if (stats?.isDirectory()) systemFolders.push(path)
    if (stats?.isSymbolicLink()) systemLinks.push({ path, to: (await linkTarget(path)) ?? '' })
  }
  return { systemFolders, systemLinks }
}

async function filesOf(paths: readonly string[]): Promise<HostFile[]> {
  const found: HostFile[] = []
  for (const path of paths) {
    const source = await realPathOf(path)
    if (source !== null) found.push({ path, source })
  }
  return found
}

async function resolveProtected(
  { policy, protectedPaths, hostUid }: LayoutRequest,
  grants: readonly ResolvedGrant[],
  mounts: readonly Mount[],
): Promise<Pick<HostLayout, 'protected' | 'protectedLinks'>> {
  const links = new Set<string>()
  const withAliases = (found: readonly Canonical[]): string[] => {
    for (const each of found) for (const link of each.links) links.add(link)
    return [...new Set(found.flatMap(({ path }) => [path, ...aliasesOf(path, mounts)]))].sort()
  }
  const own: ProtectedPaths = {
    closed: withAliases(protectedPaths.closed),
    folders: withAliases(protectedPaths.folders),
    hidden: withAliases(protectedPaths.hidden),
    secret: withAliases(protectedPaths.secret),
  }
  const writable = grants.filter((grant) => grant.access === 'rw')
  await ensureFolders(
    own,
    (path) => policy.filesystem.kind === 'full' || writable.some((grant) => isInside(path, grant.path)),
  )
  return {
    protected: own,
    protectedLinks: await Promise.all([...links].sort().map((path) => protectedLink(path, hostUid))),
  }
}

async function protectedLink(path: string, hostUid: number | null): Promise<ProtectedLink> {
  const folder = dirname(path)
  if (hostUid === null) return { path, isReplaceable: await isWritable(folder) }
  // An own uid has the rights of others on the host's tree.
  const stats = await lookAt(folder)
  return { path, isReplaceable: stats === null || (stats.mode & 0o002) !== 0 }
}

/** The outermost folder above each path that only its owner may pass. */
async function impassableFolders(paths: readonly string[]): Promise<string[]> {
  const known = new Map<string, boolean>()
  for (const path of paths) {
    for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1)) {
      const folder = path.slice(0, end)
      const isImpassable = known.get(folder) ?? (await keepsOthersOut(folder))
      known.set(folder, isImpassable)
      if (isImpassable) break
    }
  }
  return [...known.keys()].filter((folder) => known.get(folder)).sort()
}

async function keepsOthersOut(folder: string): Promise<boolean> {
  const stats = await lookAt(folder)
  return stats !== null && (stats.mode & 0o001) === 0
}
