import {
  defaultLimits,
  type FilesystemPolicy,
  type Limit,
  type NetworkPolicy,
  type PathGrant,
  type Policy,
} from '../policy/model.ts'
import { parseList } from '../policy/network/list.ts'
import type {
  Config,
  ContainerSettings,
  LocalSettings,
  ProgramSettings,
  RemoteSettings,
  ServerSettings,
  UpstreamSettings,
} from './model.ts'
import { absolutePath, commandPath } from './paths.ts'
import type { FileSettings, ServerEntry } from './schema/index.ts'
import { parseUidRange } from './schema/server.ts'

const bytesPerMb = 1024 * 1024

/** Makes the path of a setting absolute. */
type Resolve = (path: string) => string

/** The headers of one server with their values, by name. */
export type Headers = Readonly<Record<string, string>>

/**
 * Valid settings in the normal form: units in the names, paths absolute, `written` beside each limit. `headers`: of each server,
 * in the order of the file.
 */
export function normalise(
  settings: FileSettings,
  headers: readonly Headers[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Pick<Config, 'server' | 'servers'> {
  const resolve: Resolve = (path) => absolutePath(path, folder, env)
  const servers = settings.servers.map((entry, index) =>
    isRemoteEntry(entry) ? normaliseRemote(entry, headers[index] ?? {}) : normaliseLocal(entry, folder, env, resolve),
  )
  return { server: normaliseListener(settings.server, resolve), servers }
}

function normaliseListener(server: FileSettings['server'], resolve: Resolve): ServerSettings {
  const { cert_path: cert, key_path: key } = server
  const uidRange = parseUidRange(server.uid_range)
  if (uidRange === null) throw new TypeError('uid_range passed the schema and is no range')
  return {
    host: server.host,
    port: server.port,
    tls: cert === undefined || key === undefined ? null : { certPath: resolve(cert), keyPath: resolve(key) },
    publicUrl: server.public_url?.replace(/\/$/, '') ?? null,
    allowedHosts: server.allowed_hosts,
    allowedOrigins: server.allowed_origins,
    maxSessions: server.max_sessions,
    sessionIdleMs: server.session_idle_seconds * 1000,
    maxMessageBytes: server.max_message_mb * bytesPerMb,
    uidRange,
  }
}

function isRemoteEntry({ type, url }: ServerEntry): boolean {
  return type === undefined ? url !== undefined : type !== 'stdio'
}

/** The rules have seen to it that there is a URL. */
function normaliseRemote(entry: ServerEntry, headers: Headers): RemoteSettings {
  return {
    ...commonOf(entry),
    type: entry.type === 'sse' ? 'sse' : 'http',
    url: entry.url ?? '',
    headers,
    allowPrivate: entry.allow_private ?? false,
  }
}

function normaliseLocal(entry: ServerEntry, folder: string, env: NodeJS.ProcessEnv, resolve: Resolve): LocalSettings {
  const { type, image } = entry.sandbox
  if (type === 'container' && image !== undefined) return normaliseContainer(entry, image, resolve)
  return normaliseProgram(entry, folder, env, resolve)
}

/** Command and folder are the image's own: nothing of this machine. */
function normaliseContainer(entry: ServerEntry, image: string, resolve: Resolve): ContainerSettings {
  return {
    ...commonOf(entry),
    type: 'stdio',
    image,
    command: entry.command ?? null,
    args: entry.args,
    env: entry.env ?? {},
    cwd: entry.cwd ?? null,
    policy: normalisePolicy(entry.name, entry.sandbox, resolve),
  }
}

function normaliseProgram(
  entry: ServerEntry,
  folder: string,
  env: NodeJS.ProcessEnv,
  resolve: Resolve,
): ProgramSettings {
  return {
    ...commonOf(entry),
    type: 'stdio',
    image: null,
    command: commandPath(entry.command ?? '', folder, env),
    args: entry.args,
    env: entry.env ?? {},
    cwd: entry.cwd === undefined ? null : resolve(entry.cwd),
    policy: entry.sandbox.enabled === false ? null : normalisePolicy(entry.name, entry.sandbox, resolve),
  }
}

function commonOf(entry: ServerEntry): Omit<UpstreamSettings, 'type'> {
  return {
    name: entry.name,
    tags: entry.tags,
    description: entry.description ?? '',
    enabled: entry.enabled,
    startupTimeoutMs: entry.startup_timeout_seconds * 1000,
    requestTimeoutMs: entry.request_timeout_seconds * 1000,
    maxInstances: entry.max_instances,
    protocol: entry.protocol,
    sharing: entry.instance,
  }
}

function normalisePolicy(name: string, sandbox: ServerEntry['sandbox'], resolve: Resolve): Policy {
  return {
    name,
    network: normaliseNetwork(sandbox.network),
    filesystem: normaliseFilesystem(sandbox.filesystem, resolve),
    inheritEnvironment: sandbox.env_inherit,
    allowPersistence: [...new Set(sandbox.allow_persistence)],
    limits: {
      memoryMb: limit(sandbox.max_memory_mb, defaultLimits.memoryMb),
      cpuPercent: limit(sandbox.max_cpu_percent, defaultLimits.cpuPercent),
      pids: limit(sandbox.max_pids, defaultLimits.pids),
    },
    traffic: {
      uploadMb: limit(sandbox.max_upload_mb, defaultLimits.uploadMb),
      downloadMb: limit(sandbox.max_download_mb, defaultLimits.downloadMb),
    },
    bestEffort: [...new Set(sandbox.best_effort)],
  }
}

function normaliseNetwork(network: ServerEntry['sandbox']['network']): NetworkPolicy {
  if (typeof network === 'boolean') return network ? { kind: 'public' } : false
  return network === 'host' ? 'host' : parseList(network)
}

function normaliseFilesystem(filesystem: ServerEntry['sandbox']['filesystem'], resolve: Resolve): FilesystemPolicy {
  if (typeof filesystem === 'string') return { kind: filesystem }
  return { kind: 'paths', grants: filesystem.map((path) => normaliseGrant(path, resolve)) }
}

function normaliseGrant(path: string, resolve: Resolve): PathGrant {
  return path.endsWith(':ro')
    ? { path: resolve(path.slice(0, -':ro'.length)), access: 'ro' }
    : { path: resolve(path), access: 'rw' }
}

function limit(written: number | undefined, defaultValue: number): Limit {
  return written === undefined ? { value: defaultValue, written: false } : { value: written, written: true }
}
