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
  /**
   * `null`: there is no way out, or the host's whole network. Else podman only makes the container, and `startArguments` runs it; docker has
   * made another one before (`holderArguments`), whose network it joins.
   */
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
  /** Of podman, which writes them: the process ids of the container's first process, and of the monitor that is its parent. */
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
  const { engine, name, image, args, cwd, egress, environmentFile } = request
  return [
    ...[egress !== null && engine.kind === 'podman' ? 'create' : 'run', '--rm', '--interactive'],
    ...[`--name=${name}`, `--label=${containerLabel}`, '--pull=never'],
    ...['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--log-driver=none', '--stop-timeout=0'],
    ...networkOf(request),
    ...identity(request),
    ...limits(request),
    ...(egress === null ? [] : wayOut(egress, engine)),
    ...(engine.kind === 'podman' ? podmanOnly(engine) : dockerOnly(egress !== null)),
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

/** Of the container that docker starts first: it does nothing, and its network is there before the server's program. */
export function holderArguments(request: HolderRequest, launcher: string): string[] {
  const { name, image } = request
  const program = '/mcpo-launch'
  const mount = mountOption({ kind: 'bind', source: launcher, target: program, access: 'ro' })
  return [
    ...['run', '--rm', '--detach', `--name=${holderName(name)}`, `--label=${containerLabel}`, '--pull=never'],
    ...['--read-only', '--cap-drop=ALL', '--security-opt=no-new-privileges', '--log-driver=none', '--network=none'],
    ...identity(request),
    ...[`--mount=${mount}`, `--entrypoint=${program}`, image, 'hold'],
  ]
}

export type HolderRequest = Pick<RunRequest, 'engine' | 'name' | 'image' | 'user'>

export function holderName(name: string): string {
  return `${name}-net`
}

/** Who joins a network has the host name of the container that it is of. */
function networkOf({ engine, name, hostname, network, egress }: RunRequest): string[] {
  if (network === 'host') return ['--network=host']
  if (egress !== null && engine.kind === 'docker') return [`--network=container:${holderName(name)}`]
  return ['--network=none', `--hostname=${hostname}`]
}

function wayOut({ hosts, resolver, pid, monitorPid }: EgressFiles, { kind }: EngineFacts): string[] {
  const shown: [source: string, target: string][] = [
    [hosts, '/etc/hosts'],
    [resolver, '/etc/resolv.conf'],
  ]
  const mounts = shown.map(([source, target]) => mountOption({ kind: 'bind', source, target, access: 'ro' }))
  const written = kind === 'podman' ? [`--pidfile=${pid}`, `--conmon-pidfile=${monitorPid}`] : []
  return [...written, ...mounts.map((mount) => `--mount=${mount}`)]
}

function identity({
  engine: { identities },
  user: { uid, gid, isOwn },
}: Pick<RunRequest, 'engine' | 'user'>): string[] {
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

/** docker passes on the proxies of its own settings, unless the container has them already. Those of a way out are in its file. */
function dockerOnly(hasWayOut: boolean): string[] {
  const others = ['FTP_PROXY', 'ALL_PROXY']
  const names = hasWayOut ? others : ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', ...others]
  return names.flatMap((name) => [`--env=${name}=`, `--env=${name.toLowerCase()}=`])
}

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
