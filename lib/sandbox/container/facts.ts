/** What an engine says of itself (`info`), as facts that a policy is judged by. Throws where it says something else. */
import { fileURLToPath } from 'node:url'
import type { EngineFacts, EngineIdentities } from '../../policy/container/engine.ts'
import { cgroupControllers } from '../../policy/host.ts'

const dockerSocket = 'unix:///run/docker.sock'

interface PodmanInfo {
  readonly host: {
    readonly cgroupVersion: string
    readonly cgroupControllers?: readonly string[] | null
    readonly remoteSocket?: { readonly path?: string }
    readonly idMappings?: { readonly uidmap?: readonly unknown[] | null }
    readonly ociRuntime: { readonly name: string }
    readonly security: { readonly rootless: boolean; readonly seccompEnabled: boolean }
  }
  readonly store: { readonly graphRoot: string; readonly runRoot: string }
  readonly version: { readonly Version: string }
}

/** cgroup v1 is not taken for a limit: rootless it holds nothing, and crun refuses the mixture of both. */
export function podmanFacts({ host, store, version }: PodmanInfo): EngineFacts {
  const isV2 = host.cgroupVersion === 'v2'
  const withoutGroups = host.ociRuntime.name === 'crun' ? 'disabled' : 'no-conmon'
  return {
    kind: 'podman',
    version: version.Version,
    identities: host.security.rootless ? rootlessIdentities(host) : 'host',
    seccomp: host.security.seccompEnabled,
    controllers: isV2 ? cgroupControllers.filter((name) => host.cgroupControllers?.includes(name)) : [],
    cgroups: isV2 ? 'enabled' : withoutGroups,
    places: [store.graphRoot, store.runRoot, host.remoteSocket?.path ?? '/run/podman'],
  }
}

/** The first range is the user; without subordinate ids (/etc/subuid, newuidmap) it is the only one. */
function rootlessIdentities({ idMappings }: PodmanInfo['host']): EngineIdentities {
  return (idMappings?.uidmap?.length ?? 0) > 1 ? 'kept' : 'own-root'
}

interface DockerInfo {
  readonly ServerVersion: string
  readonly SecurityOptions: readonly string[]
  readonly MemoryLimit: boolean
  readonly SwapLimit: boolean
  readonly CpuCfsQuota: boolean
  readonly PidsLimit: boolean
  readonly DockerRootDir: string
}

/** `socket`: a URL of the daemon, other than `unix:///run/docker.sock`. */
export function dockerFacts(info: DockerInfo, socket = dockerSocket): EngineFacts {
  const holds = { memory: info.MemoryLimit && info.SwapLimit, cpu: info.CpuCfsQuota, pids: info.PidsLimit }
  return {
    kind: 'docker',
    version: info.ServerVersion,
    identities: info.SecurityOptions.some((option) => option.includes('name=rootless')) ? 'own-root' : 'host',
    seccomp: info.SecurityOptions.some((option) => /name=seccomp(?!,profile=unconfined)/.test(option)),
    controllers: cgroupControllers.filter((name) => holds[name]),
    cgroups: 'enabled',
    places: [info.DockerRootDir, fileURLToPath(socket.replace(/^unix:/, 'file:'))],
  }
}
