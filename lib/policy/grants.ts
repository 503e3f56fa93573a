/**
 * What the policy and the program add to the root, and what protects the gateway's own files in it, as one list ordered
 * by depth: parents first, so that read-only inside read-write and the reverse both come out right.
 *
 * A mount point cannot be renamed or removed (EBUSY), but a folder above it can. So each folder between a writable
 * place and something held in it is pinned: bound onto itself.
 */
import type { HostLayout, ResolvedProgram } from './layout.ts'
import { tmpfsSizes } from './limits.ts'
import type { FilesystemPolicy } from './model.ts'
import { foldersBetween, isBelow, isInside, parentsFirst } from './paths.ts'
import type { MountOperation } from './plan.ts'

export interface GrantRequest {
  readonly filesystem: FilesystemPolicy
  readonly layout: HostLayout
  readonly program: ResolvedProgram
  /** Whether sources are id-mapped to the server's uid: a root gateway. */
  readonly idmap: boolean
}

export interface Granted {
  readonly mounts: readonly MountOperation[]
  /** Places of the host that the server sees, and how. */
  readonly places: readonly Place[]
}

export interface Place {
  readonly path: string
  readonly access: 'ro' | 'rw'
}

export function compileGrants(request: GrantRequest): Granted {
  const root = rootPlace(request.filesystem)
  const bound = [...request.layout.grants, ...programPlaces(request)]
  const places: Place[] = [...root, ...bound.map(({ path, access }) => ({ path, access }))]
  const layout = withSecretsOfGrants(request)
  const operations = [
    ...covers(request, bound),
    ...bound.map((place) => bind(place, request.idmap)),
    ...protections(layout, places),
    ...guards(layout, places),
    ...pins(layout, places),
  ]
  return { mounts: [...inOrder(operations), ...links(request)], places }
}

/** In granted folders, what `masked` names is covered like the gateway's own secrets; the host's tree covers it itself. */
function withSecretsOfGrants({ filesystem, layout }: GrantRequest): HostLayout {
  if (filesystem.kind !== 'paths') return layout
  const secret = [
    ...layout.protected.secret,
    ...layout.masked.filter((path) => !layout.grants.some((grant) => grant.path === path)),
  ]
  return { ...layout, protected: { ...layout.protected, secret } }
}

function rootPlace(filesystem: FilesystemPolicy): Place[] {
  if (filesystem.kind === 'full') return [{ path: '/', access: 'rw' }]
  return filesystem.kind === 'host-readonly' ? [{ path: '/', access: 'ro' }] : []
}

/** What the program needs and nothing shows yet. */
function programPlaces({ filesystem, layout, program }: GrantRequest): Place[] {
  const hostTree = filesystem.kind === 'full' || filesystem.kind === 'host-readonly'
  return program.mounts
    .filter((path) => !hostTree || isHiddenInHostTree(path, filesystem, layout))
    .filter((path) => !layout.systemFolders.some((folder) => isInside(path, folder)))
    .filter((path) => !layout.grants.some((grant) => isInside(path, grant.path)))
    .filter((path) => !program.mounts.some((other) => isBelow(path, other)))
    .map((path) => ({ path, access: 'ro' }))
}

/** In the host's tree a private folder, a mask or a folder that the server's uid cannot pass may hide the program. */
function isHiddenInHostTree(path: string, filesystem: FilesystemPolicy, layout: HostLayout): boolean {
  const covered = filesystem.kind === 'host-readonly' ? ['/tmp', '/var/tmp', '/run', ...layout.masked] : []
  return [...covered, ...layout.impassable].some((folder) => isInside(path, folder))
}

/** A folder that the server's uid cannot pass gives way to an empty one, in which the binds below it are reachable. */
function covers({ filesystem, layout }: GrantRequest, bound: readonly Place[]): MountOperation[] {
  if (filesystem.kind !== 'full' && filesystem.kind !== 'host-readonly') return []
  const inTheWay = layout.impassable.filter((folder) => bound.some(({ path }) => isBelow(path, folder)))
  return inTheWay.map((target) => ({ op: 'tmpfs', target, ...tmpfsSizes.cover, mode: 0o755 }))
}

function bind(place: Place, idmap: boolean): MountOperation {
  return { op: 'bind', source: place.path, target: place.path, access: place.access, idmap, optional: false }
}

function protections(layout: HostLayout, places: readonly Place[]): MountOperation[] {
  const { closed, folders, hidden, secret } = layout.protected
  const shown = (path: string): boolean => isReached(path, layout, places) && placeOf(path, places) !== undefined
  const masks = [...hidden, ...secret].filter(shown)
  const readOnly = [...closed, ...folders].filter(
    (path) => !masks.includes(path) && shown(path) && isWritable(path, places),
  )
  return [
    ...readOnly.map((target): MountOperation => ({ op: 'readonly', target, optional: true })),
    ...masks.map((target): MountOperation => ({ op: 'mask', target, optional: true })),
  ]
}

/** A path that is granted itself is meant to be written. */
function guards(layout: HostLayout, places: readonly Place[]): MountOperation[] {
  return layout.guarded
    .filter(({ path }) => isWritable(path, places) && placeOf(path, places)?.path !== path)
    .map(({ path, text }) => ({ op: 'guard', target: path, content: text }))
}

/** Folders that lie between a writable place and something in it that must stay where it is. */
function pins(layout: HostLayout, places: readonly Place[]): MountOperation[] {
  const { closed, folders, hidden, secret } = layout.protected
  const held = [
    ...closed,
    ...folders,
    ...hidden,
    ...secret,
    ...layout.guarded.map(({ path }) => path),
    ...places.map(({ path }) => path),
  ]
  const pinned = held.flatMap((path) => {
    const writable = places.filter((place) => place.access === 'rw' && isBelow(path, place.path))
    return writable.flatMap((place) => foldersBetween(place.path, path))
  })
  return [...new Set(pinned)]
    .filter((path) => isReached(path, layout, places) && isWritable(path, places))
    .map((target) => ({ op: 'pin', target, optional: true }))
}

/** In the host's tree, what lies below a folder that the server's uid cannot pass needs no protection. */
function isReached(path: string, layout: HostLayout, places: readonly Place[]): boolean {
  return placeOf(path, places)?.path !== '/' || !layout.impassable.some((folder) => isBelow(path, folder))
}

function isWritable(path: string, places: readonly Place[]): boolean {
  return placeOf(path, places)?.access === 'rw'
}

/** The innermost place that shows `path`. */
function placeOf(path: string, places: readonly Place[]): Place | undefined {
  return places.filter((place) => isInside(path, place.path)).sort((a, b) => b.path.length - a.path.length)[0]
}

/** One operation may make the next one on the same path needless: what binds, masks or makes read-only also pins. */
function inOrder(operations: readonly MountOperation[]): MountOperation[] {
  const rank: Record<MountOperation['op'], number> = {
    tmpfs: 0,
    bind: 1,
    readonly: 2,
    mask: 3,
    guard: 4,
    pin: 5,
    dir: 6,
    file: 6,
    symlink: 6,
    dev: 6,
    proc: 6,
  }
  const target = (operation: MountOperation): string => ('target' in operation ? operation.target : '/')
  const sorted = [...operations].sort((a, b) => parentsFirst(target(a), target(b)) || rank[a.op] - rank[b.op])
  return sorted.filter((operation, index) => {
    const before = sorted[index - 1]
    return (
      before === undefined ||
      target(before) !== target(operation) ||
      (operation.op !== 'pin' && operation.op !== before.op)
    )
  })
}

/** Paths as the policy and the command write them, where they lead through symbolic links that nothing else shows. */
function links({ filesystem, layout, program }: GrantRequest): MountOperation[] {
  if (filesystem.kind === 'full' || filesystem.kind === 'host-readonly') return []
  const shown = [...layout.systemFolders, ...layout.grants.map((grant) => grant.path), ...program.mounts]
  const written = layout.grants
    .filter((grant) => grant.written !== grant.path)
    .map((grant) => ({ path: grant.written, to: grant.path }))
  const wanted = new Map([...written, ...program.links].map((link) => [link.path, link]))
  return [...wanted.values()]
    .filter(({ path }) => !shown.some((folder) => isInside(path, folder)))
    .map(({ path, to }) => ({ op: 'symlink', target: path, to }))
}
