/** How each layer is left out: by a launcher for tests, or by a plan that is worse than any policy would make it. */
import { probe } from '../../../../lib/native/index.ts'
import type { MountOperation, Plan } from '../../../../lib/policy/plan.ts'
import type { Wall } from '../sandboxed.ts'
import type { Ground } from './ground.ts'
import type { Layer } from './table.ts'

type BindOperation = Extract<MountOperation, { op: 'bind' }>

interface Switch {
  readonly walls?: readonly Wall[]
  readonly change?: (plan: Plan, ground: Ground) => Plan
}

const isRoot = process.getuid?.() === 0
const { landlockAbi } = probe()

const switches: Readonly<Record<Layer, Switch | null>> = {
  filter: { walls: ['seccomp'] },
  Landlock: { walls: ['landlock'] },
  'Landlock scopes': { walls: ['landlock'] },
  'minimal root': { change: (plan) => ({ ...plan, mounts: [...plan.mounts, writable('/tmp', '/host/tmp')] }) },
  'host unmounted': { walls: ['host-tree-gone'] },
  'read-only mounts': { change: makeGrantWritable },
  'read-only root': { walls: ['read-only-root'] },
  'masked /proc': { walls: ['masks'] },
  'nosuid mounts': { walls: ['nosuid-mounts'] },
  'no capabilities': { walls: ['capabilities'] },
  'empty bounding set': { walls: ['capabilities'] },
  'no new privileges': { walls: ['no-new-privs'] },
  // The kernel gives an ordinary user no other namespace without one.
  'user namespace': isRoot ? { change: (plan) => ({ ...plan, userNamespace: false }) } : null,
  'pid namespace': { walls: ['pid-namespace'], change: showProcOfHost },
  'network namespace': { walls: ['network-namespace'] },
  'ipc namespace': { walls: ['ipc-namespace'] },
  'uts namespace': { walls: ['uts-namespace'] },
  'cgroup namespace': { walls: ['cgroup-namespace'] },
  'no more namespaces': { walls: ['no-more-namespaces'] },
  'own keyring': { walls: ['own-keyring'] },
  'own uid': { change: (plan, { victim }) => ({ ...plan, hostUid: victim.uid }) },
  'hidden pid 1': { walls: ['hidden-init'] },
  // No build starts a launcher with what the gateway has open.
  'clean launcher': null,
  'closed descriptors': { walls: ['closed-descriptors'] },
  'own environment': {
    change: (plan) => ({ ...plan, environment: [...plan.environment, 'GATEWAY_SECRET=secret'] }),
  },
  rlimits: { change: (plan) => ({ ...plan, rlimits: [] }) },
  // No build gives a server a right of root's.
  'no right over the host': null,
}

/** Whether it is there at all, on this kernel and for this user. */
export function isHere(layer: Layer): boolean {
  if (layer === 'own uid') return isRoot
  if (layer === 'Landlock') return landlockAbi >= 1
  return layer !== 'Landlock scopes' || landlockAbi >= 6
}

export function canBeOff(layer: Layer): boolean {
  return isHere(layer) && switches[layer] !== null
}

/** Layers of one wall. */
const sameWall: readonly (readonly [Layer, Layer])[] = [
  ['Landlock', 'Landlock scopes'],
  ['no capabilities', 'empty bounding set'],
]

/** What goes with them: a wall may be several layers, and some need others. */
export function closure(layers: readonly Layer[]): ReadonlySet<Layer> {
  const off = new Set(layers)
  // With neither, the kernel takes a filter and Landlock's rules from nobody here.
  if (off.has('no new privileges') && off.has('user namespace')) off.add('filter').add('Landlock')
  // In the host's own it would be the count of all users.
  if (off.has('user namespace')) off.add('no more namespaces')
  for (const pair of sameWall) if (pair.some((layer) => off.has(layer))) for (const layer of pair) off.add(layer)
  // Without one, even a launcher that keeps its capabilities has none left that would open anything.
  if (off.has('user namespace')) off.delete('no capabilities')
  return off
}

export function without(plan: Plan, off: ReadonlySet<Layer>, ground: Ground): { plan: Plan; walls: readonly Wall[] } {
  const chosen = [...off].map((layer) => switches[layer])
  const walls = new Set(chosen.flatMap((each) => each?.walls ?? []))
  const changed = chosen.reduce((worse, each) => each?.change?.(worse, ground) ?? worse, plan)
  // It would find out, and start nothing.
  return { plan: changed, walls: [...walls, 'self-check'] }
}

function makeGrantWritable(plan: Plan, { readable }: Ground): Plan {
  const mounts = plan.mounts.map((each) =>
    each.op === 'bind' && each.source === readable ? { ...each, access: 'rw' as const } : each,
  )
  return { ...plan, mounts }
}

/** Without a pid namespace the kernel makes no proc: the host's is shown, as little of it as of the sandbox's own. */
function showProcOfHost(plan: Plan): Plan {
  const shown: readonly MountOperation[] = [
    { ...writable('/proc', '/proc'), access: 'ro' },
    { op: 'mask', target: '/proc/cmdline', optional: false },
  ]
  return { ...plan, mounts: plan.mounts.flatMap((each) => (each.op === 'proc' ? shown : [each])) }
}

function writable(source: string, target: string): BindOperation {
  return { op: 'bind', source, target, access: 'rw', idmap: false, optional: false }
}
