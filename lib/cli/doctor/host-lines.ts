import { lackInWords } from '../../policy/cgroup.ts'
import type { HostFacts } from '../../policy/host.ts'

/** One fact about this host. */
export interface HostLine {
  readonly name: string
  readonly ok: boolean
  readonly found: string
  /** Nothing starts without it. */
  readonly needed: boolean
  /** What to change; only when it is not ok. */
  readonly change?: string
}

export function describeHost(facts: HostFacts): HostLine[] {
  return [
    {
      name: 'kernel',
      ok: facts.platform === 'linux',
      found: `${facts.platform} ${facts.kernel} ${facts.arch}`,
      needed: true,
    },
    {
      name: 'started as',
      ok: true,
      found: facts.uid === 0 ? 'root: each server gets a uid of its own' : `uid ${facts.uid}`,
      needed: false,
    },
    sandboxLine(facts),
    ...userNamespaceLines(facts),
    line('seccomp', facts.seccompFilter, 'system call filter', 'use a kernel with CONFIG_SECCOMP_FILTER', true),
    line('refusals told', facts.userNotification, 'seccomp user notification', 'use Linux 5.0 or later', false),
    landlockLine(facts),
    line('pidfd', facts.pidfd, 'process descriptors', 'use Linux 5.4 or later', true),
    line('id-mapped mounts', facts.idmappedMounts, 'mount_setattr(2)', 'use Linux 5.12 or later', facts.uid === 0),
    cgroupLine(facts),
  ]
}

function sandboxLine({ sandboxFailure }: HostFacts): HostLine {
  const name = 'empty sandbox'
  if (sandboxFailure === null) return { name, ok: true, found: 'built and checked from inside', needed: true }
  const { step, errno, detail, cause, remedy } = sandboxFailure
  const found = `step "${step}" failed with ${errno}${detail === '' ? '' : ` (${detail})`}${cause === null ? '' : `: ${cause}`}`
  return { name, ok: false, found, needed: true, ...(remedy === null ? {} : { change: remedy }) }
}

/** Told where servers start without one. */
function userNamespaceLines({ noUserNamespace }: HostFacts): HostLine[] {
  if (noUserNamespace === null) return []
  const { errno, cause, remedy } = noUserNamespace
  const found = `none (${cause ?? errno}): a server needs rights of its own uid in what is granted`
  return [{ name: 'user namespaces', ok: false, found, needed: false, ...(remedy === null ? {} : { change: remedy }) }]
}

function landlockLine({ landlockAbi }: HostFacts): HostLine {
  const name = 'Landlock'
  if (landlockAbi >= 6) return { name, ok: true, found: `ABI ${landlockAbi}`, needed: false }
  if (landlockAbi > 0) {
    return {
      name,
      ok: true,
      found: `ABI ${landlockAbi}: without scopes for signals and abstract sockets (ABI 6, Linux 6.12)`,
      needed: false,
    }
  }
  const change = 'use a kernel with CONFIG_SECURITY_LANDLOCK and "landlock" in lsm='
  return { name, ok: false, found: 'none: the mount namespace holds alone', needed: false, change }
}

function cgroupLine({ cgroup: { controllers, lack }, uid }: HostFacts): HostLine {
  const name = 'cgroup v2'
  const held = `${controllers.join(', ')}: limits hold for all processes of a server together`
  if (lack === null) return { name, ok: true, found: held, needed: false }
  const { cause, remedy } = lackInWords(lack, uid)
  const follows =
    controllers.length > 0
      ? `${cause}; ${held}`
      : `${cause}: memory is held per process, and looked at with processor time`
  return { name, ok: false, found: follows, needed: false, change: remedy }
}

function line(name: string, ok: boolean, found: string, change: string, needed: boolean): HostLine {
  return { name, ok, found: ok ? found : 'missing', needed, ...(ok ? {} : { change }) }
}
