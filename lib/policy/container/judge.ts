/** What each guarantee amounts to in a container. */
import { McpoError } from '../../errors.ts'
import { demandHeld } from '../demand.ts'
import { wayOut } from '../guarantees.ts'
import { type CgroupController, cgroupControllers } from '../host.ts'
import { type Guarantee, guarantees, type Policy, type Verdict } from '../model.ts'
import { egressOf } from '../network/compile.ts'
import { containerLeaves } from '../relax/container.ts'
import { networkHost } from '../relax/network-host.ts'
import { allowPersistence } from '../relax/persistence.ts'
import type { ContainerUser, EngineFacts } from './engine.ts'

type Held = Omit<Verdict, 'guarantee'>

/** One verdict for each guarantee, in the order of `guarantees`. */
export function judgeContainer(policy: Policy, engine: EngineFacts, user: ContainerUser): readonly Verdict[] {
  return guarantees.map((guarantee) => ({ guarantee, ...held(guarantee, policy, engine, user) }))
}

/** Throws SANDBOX_ERROR when something that the policy asks for would be less than full. */
export function demandContainer(verdicts: readonly Verdict[], policy: Policy, { kind }: EngineFacts): void {
  demandWayOut(policy, verdicts)
  demandHeld(verdicts, policy, (guarantee) =>
    cgroupControllers.some((controller) => controller === guarantee)
      ? `give ${kind} cgroup v2 with the ${guarantee} controller`
      : null,
  )
}

function held(guarantee: Guarantee, policy: Policy, engine: EngineFacts, user: ContainerUser): Held {
  switch (guarantee) {
    case 'fs-read':
      return full(`${engine.kind}: mount namespace, the image and what is granted`)
    case 'fs-write':
      return fsWrite(policy, engine)
    case 'network':
      if (networkHost.applies(policy))
        return { strength: 'none', by: [], weakened: `${networkHost.setting}: ${networkHost.risk}` }
      return network(policy, engine, user)
    case 'process-isolation':
      return full(`${engine.kind}: pid, ipc and uts namespaces`)
    case 'kernel-surface':
      return engine.seccomp
        ? leftBy(guarantee, `${engine.kind}: its own system call filter, masked /proc`)
        : { strength: 'none', by: [], why: `${engine.kind} has no system call filter on this host` }
    case 'privileges':
      return full(`${engine.kind}: no capabilities`, 'no_new_privs', identity(engine, user))
    case 'environment':
      return full("built from nothing but the image's own variables")
    case 'no-orphans':
      return leftBy(guarantee, 'keeper process with a lifeline to the gateway', 'label, removed at the next start')
    case 'disk':
      return disk(policy, engine)
    default:
      return limit(guarantee, engine, user)
  }
}

/** The gateway listens in the container's network, and so must be allowed to enter it. */
function network(policy: Policy, { kind, identities }: EngineFacts, { isOwn }: ContainerUser): Held {
  const mayEnter = isOwn || kind === 'podman' || identities !== 'host'
  if (mayEnter || egressOf(policy.network) === null)
    return full(`${kind}: network namespace with loopback only`, ...wayOut(policy))
  return { strength: 'none', by: [], why: `${kind}'s containers are root's, and only root may listen in their network` }
}

/** What is asked for is a way out, and no lesser one is to be had. */
function demandWayOut({ name }: Policy, verdicts: readonly Verdict[]): void {
  const why = verdicts.find(({ guarantee }) => guarantee === 'network')?.why
  if (why === undefined) return
  throw new McpoError('SANDBOX_ERROR', `cannot start ${name}: no destinations can be allowed here: ${why}`, {
    hint: 'use podman, whose containers are your own, or start the gateway as root; or write network = false',
    data: { guarantee: 'network', server: name },
  })
}

function full(...by: readonly string[]): Held {
  return { strength: 'full', by }
}

/** A type of server that somebody chose: told, and no reason to refuse. */
function leftBy(guarantee: Guarantee, ...by: readonly string[]): Held {
  const left = containerLeaves[guarantee]
  return left === undefined ? full(...by) : { strength: left.strength, by, weakened: left.risk }
}

function fsWrite(policy: Policy, { kind }: EngineFacts): Held {
  const by = `${kind}: read-only root`
  if (!writesHost(policy)) return full(by)
  const left = leftBy('fs-write', by, 'persistence guards on what exists')
  if (!allowPersistence.applies(policy)) return left
  return { ...left, weakened: `${allowPersistence.setting}: ${allowPersistence.risk}` }
}

function writesHost({ filesystem }: Policy): boolean {
  return filesystem.kind === 'paths' && filesystem.grants.some(({ access }) => access === 'rw')
}

function identity({ identities }: EngineFacts, { isOwn }: ContainerUser): string {
  if (isOwn) return "uid of this server's own"
  return identities === 'host' ? "uid of the gateway's user" : 'user namespace'
}

function limit(controller: CgroupController, { kind, controllers }: EngineFacts, { isOwn }: ContainerUser): Held {
  if (controllers.includes(controller)) return full(`${kind}: ${controller} controller of a control group of its own`)
  const lack = `${kind} has no ${controller} controller of cgroup v2 here`
  if (controller === 'cpu')
    return { strength: 'none', by: [], why: `${lack}, and so the share of a processor cannot be bounded` }
  if (controller === 'memory')
    return {
      strength: 'partial',
      by: ['RLIMIT_DATA of each process'],
      why: `${lack}, and so what is shared is not counted`,
    }
  if (!isOwn) return { strength: 'none', by: [], why: `${lack}, and so processes are not counted` }
  return {
    strength: 'partial',
    by: ['RLIMIT_NPROC of its uid'],
    why: `${lack}, and so all copies of this server are counted together`,
  }
}

function disk(policy: Policy, { kind }: EngineFacts): Held {
  const by = ['sized tmpfs', 'RLIMIT_FSIZE']
  if (writesHost(policy))
    return {
      strength: 'partial',
      by,
      why: 'writable paths of the host have no quota; only the size of each file is bounded',
    }
  if (kind === 'podman') return full(...by)
  return { strength: 'partial', by, why: 'docker gives the volumes that an image declares a folder without a quota' }
}
