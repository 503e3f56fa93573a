/** Pure: a policy and an engine's facts in, the arguments of its `run` or `create` out. No secret is among them. */
import { maxFileBytes, tmpfsSizes } from '../limits.ts'
import type { Limits, NetworkPolicy } from '../model.ts'
import type { ContainerUser, EngineFacts } from './engine.ts'

export interface RunRequest {
  readonly engine: EngineFacts
  /** Of the container, unique. */
  readonly name: string
  /** The server's. */
  readonly hostname: string
  /** An id, or a name that is no option. */
  readonly image: string
  /** `null`: the image's own entry point. */
  readonly command: string | null
  readonly args: readonly string[]
  readonly cwd: string | null
  readonly user: ContainerUser
  readonly network: NetworkPolicy
  /** `null`: there is no way out, or the host's whole network. Else podman only makes the container: `startArguments` runs it. */
  readonly egress: EgressFiles | null
  readonly limits: Limits
  readonly mounts: readonly ContainerMount[]
  /** A file of lines `NAME=value`. */
  readonly environmentFile: string
}

/** What the way out of a container takes, as files of the host. */
export interface EgressFiles {
  /** Shown as /etc/hosts and /etc/resolv.conf. */
  readonly hosts: string
  readonly resolver: string
  /** Written by podman: the process ids of the container's first process, and of the monitor that is its parent. */
  readonly pid: string
  readonly monitorPid: string
}

export type ContainerMount =
  | { readonly kind: 'bind'; readonly source: string; readonly target: string; readonly access: 'ro' | 'rw' }
  /** Empty and read-only. */
  | { readonly kind: 'cover'; readonly target: string }

/** By which containers of gateways are found. */
export const containerLabel = 'mcp-one'

const MiB = 1024 * 1024

export function runArguments(request: RunRequest): string[] {
  const { engine, name, hostname, image, args, cwd, network, egress, environmentFile } = request
  return [
    ...[
      egress === null ? 'run' : 'create',
      '--rm',
      '--interactive',
      `--name=${name}`,
      `--label=${containerLabel}`,
      '--pull=never',
    ],
    ...['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--log-driver=none', '--stop-timeout=0'],
    `--network=${network === 'host' ? 'host' : 'none'}`,
    ...(network === 'host' ? [] : [`--hostname=${hostname}`]),
    ...identity(request),
    ...limits(request),
    ...(egress === null ? [] : wayOut(egress)),
    ...(engine.kind === 'podman' ? podmanOnly(engine) : dockerOnly),
    `--tmpfs=/tmp:rw,nosuid,nodev,mode=1777,size=${tmpfsSizes.tmp.sizeBytes}`,
    `--shm-size=${tmpfsSizes.shm}`,
    ...request.mounts.map((mount) => `--mount=${mountOption(mount)}`),
    `--env-file=${environmentFile}`,
    ...(cwd === null ? [] : [`--workdir=${cwd}`]),
    ...entryPoint(request),
    image,
    ...args,
  ]
}

/** Of a container that was made; its program is executed now, on the input and output of the client. */
export function startArguments(name: string): string[] {
  return ['start', '--attach', '--interactive', name]
}

function wayOut({ hosts, resolver, pid, monitorPid }: EgressFiles): string[] {
  const shown: [source: string, target: string][] = [
    [hosts, '/etc/hosts'],
    [resolver, '/etc/resolv.conf'],
  ]
  const mounts = shown.map(([source, target]) => mountOption({ kind: 'bind', source, target, access: 'ro' }))
  return [`--pidfile=${pid}`, `--conmon-pidfile=${monitorPid}`, ...mounts.map((mount) => `--mount=${mount}`)]
}

function identity({ engine: { identities }, user: { uid, gid, isOwn } }: RunRequest): string[] {
  if (identities === 'own-root' && !isOwn) return ['--user=0:0']
  return [`--user=${uid}:${gid}`, ...(identities === 'kept' && !isOwn ? ['--userns=keep-id'] : [])]
}

/** Never above what the gateway has itself: raising a limit takes a right that an engine inside a container has not. */
function limits({ engine: { controllers }, limits: { memoryMb, cpuPercent, pids }, user }: RunRequest): string[] {
  const memory = `${memoryMb.value}m`
  const held = {
    memory: [`--memory=${memory}`, `--memory-swap=${memory}`],
    cpu: [`--cpus=${cpuPercent.value / 100}`],
    pids: [`--pids-limit=${pids.value}`],
  }
  return [
    ...controllers.flatMap((controller) => held[controller]),
    ...ulimit('core', 0),
    ...ulimit('nofile', 8192),
    ...ulimit('memlock', 64 * 1024),
    ...ulimit('fsize', maxFileBytes),
    ...(user.isOwn ? ulimit('nproc', pids.value) : []),
    ...(controllers.includes('memory') ? [] : ulimit('data', memoryMb.value * MiB)),
  ]
}

function ulimit(name: string, value: number): string[] {
  return [`--ulimit=${name}=${value}:${value}`]
}

/** podman passes the proxies of its own environment on, and makes more places writable than were asked for. */
function podmanOnly({ cgroups, controllers }: EngineFacts): string[] {
  return [
    ...['--http-proxy=false', '--image-volume=ignore', '--read-only-tmpfs=false'],
    ...(cgroups === 'enabled' ? [] : [`--cgroups=${cgroups}`]),
    // A server that runs out of memory ends as a whole.
    ...(controllers.includes('memory') ? ['--cgroup-conf=memory.oom.group=1'] : []),
  ]
}

/** docker passes on the proxies of its own settings, unless the container has them already. */
const dockerOnly = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  `--env=${name}=`,
  `--env=${name.toLowerCase()}=`,
])

/** podman takes text that begins with "[" for a list. */
function entryPoint({ engine, command }: RunRequest): string[] {
  if (command === null) return []
  return [`--entrypoint=${engine.kind === 'podman' ? JSON.stringify([command]) : command}`]
}

/** What is mounted below a granted folder is not shown: engines cannot make it read-only with the folder. */
function mountOption(mount: ContainerMount): string {
  const fields =
    mount.kind === 'cover'
      ? ['type=tmpfs', `destination=${mount.target}`, 'tmpfs-size=4096', 'tmpfs-mode=0555']
      : [
          'type=bind',
          `source=${mount.source}`,
          `destination=${mount.target}`,
          `readonly=${mount.access === 'ro'}`,
          'bind-nonrecursive=true',
        ]
  return fields.map(quoted).join(',')
}

/** As in a line of comma-separated values. */
function quoted(field: string): string {
  return /[",\n\r]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field
}
