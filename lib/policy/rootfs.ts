/** The tree that a server sees before its policy adds to it. Everything here is read-only or private, and bounded. */
import type { HostLayout } from './layout.ts'
import { tmpfsSizes } from './limits.ts'
import type { FilesystemPolicy, NetworkPolicy } from './model.ts'
import { nameFiles } from './network/name-files.ts'
import { isInside } from './paths.ts'
import type { MountOperation, Plan } from './plan.ts'

/** What the root directory needs of the host in the top level. */
export const systemNames = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'] as const

/** Public facts that libraries look for; nothing else of /etc is shown. */
export const etcNames = [
  // certificates
  'ssl/certs',
  'ssl/openssl.cnf',
  'ssl/cert.pem',
  'pki/tls/certs',
  'pki/ca-trust',
  'pki/tls/openssl.cnf',
  'ca-certificates',
  'crypto-policies',
  // the dynamic linker and links to the chosen one of several programs
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'ld-musl-x86_64.path',
  'alternatives',
  'java-17-openjdk',
  'java-21-openjdk',
  // names, time, types
  'nsswitch.conf',
  'host.conf',
  'gai.conf',
  'protocols',
  'services',
  'localtime',
  'timezone',
  'mime.types',
  'magic',
  'os-release',
  'fonts',
  'python3',
  'terminfo',
  'inputrc',
] as const

export interface RootRequest {
  readonly filesystem: FilesystemPolicy
  readonly network: NetworkPolicy
  readonly layout: HostLayout
  readonly hostname: string
  readonly home: string
  /** Of the server, as it sees itself. */
  readonly uid: number
}

export function rootKind(filesystem: FilesystemPolicy): Plan['root'] {
  if (filesystem.kind === 'full') return 'host-rw'
  return filesystem.kind === 'host-readonly' ? 'host-ro' : 'minimal'
}

/**
 * The private home. In the minimal root a tmpfs of its own, elsewhere when /home itself is granted; in the host's tree no folder can be made, so it stands in
 * the private /tmp (`host-readonly`); with `full` it is the account's own.
 */
export function privateHome(filesystem: FilesystemPolicy, layout: HostLayout, hostUid: number | null): string {
  if (filesystem.kind === 'host-readonly') return '/tmp/mcp-home'
  // A root gateway's server has an unprivileged uid without a home; /dev/shm is its own.
  if (filesystem.kind === 'full') return hostUid === null ? layout.home : '/dev/shm'
  return homes.find((home) => !layout.grants.some(({ path }) => isInside(home, path))) ?? homes[0]
}

/** The first one that no granted folder of the host hides. */
const homes = ['/home/mcp', '/tmp/mcp-home', '/run/mcp-home', '/var/tmp/mcp-home'] as const

/** Folders of this root that are private to the server and writable. */
export function privateFolders(filesystem: FilesystemPolicy): readonly string[] {
  if (filesystem.kind === 'full') return []
  return filesystem.kind === 'host-readonly' ? ['/tmp', '/var/tmp', '/run'] : ['/tmp', '/var/tmp', '/run', '/home/mcp']
}

export function compileRoot(request: RootRequest): MountOperation[] {
  if (request.filesystem.kind === 'full') return [...kernelFolders(), coverSys()]
  if (request.filesystem.kind === 'host-readonly') {
    return [
      ...privateMounts(request),
      dir(request.home, 0o700),
      ...kernelFolders(),
      coverSys(),
      ...masks(request.layout),
    ]
  }
  return [...system(request.layout), ...etc(request), ...privateMounts(request), ...kernelFolders()]
}

function system(layout: HostLayout): MountOperation[] {
  const folders = layout.systemFolders.map((path) => readOnly(path, path, false))
  return [
    ...folders,
    ...layout.systemLinks.map(({ path, to }): MountOperation => ({ op: 'symlink', target: path, to })),
  ]
}

function etc(request: RootRequest): MountOperation[] {
  const shared = request.network === 'host' ? [...request.layout.etc, ...request.layout.resolver] : request.layout.etc
  const generated = generatedFiles(request).filter(({ target }) => !shared.some(({ path }) => path === target))
  return [dir('/etc', 0o755), ...shared.map(({ path, source }) => readOnly(source, path, true)), ...generated]
}

function generatedFiles(request: RootRequest): { op: 'file'; target: string; mode: number; content: string }[] {
  const names = nameFiles(request.hostname)
  const content: Record<string, string> = {
    passwd:
      `root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nmcp:x:${request.uid}:${request.uid}:MCP server:${request.home}:/bin/sh\n` +
      'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
    group: `root:x:0:\nmcp:x:${request.uid}:\nnogroup:x:65534:\n`,
    hosts: names.hosts,
    hostname: `${request.hostname}\n`,
    'resolv.conf': names['resolv.conf'],
    'machine-id': `${request.layout.machineId}\n`,
  }
  return Object.entries(content).map(([name, text]) => ({
    op: 'file',
    target: `/etc/${name}`,
    mode: 0o444,
    content: text,
  }))
}

function privateMounts(request: RootRequest): MountOperation[] {
  const mounts = [
    tmpfs('/tmp', tmpfsSizes.tmp, 0o1777),
    tmpfs('/var/tmp', tmpfsSizes.varTmp, 0o1777),
    tmpfs('/run', tmpfsSizes.run, 0o755),
  ]
  return request.filesystem.kind === 'host-readonly' ? mounts : [...mounts, tmpfs(request.home, tmpfsSizes.home, 0o700)]
}

function kernelFolders(): MountOperation[] {
  return [{ op: 'dev', shmBytes: tmpfsSizes.shm }, { op: 'proc' }]
}

function coverSys(): MountOperation {
  return { op: 'mask', target: '/sys', optional: true }
}

function masks(layout: HostLayout): MountOperation[] {
  const covered = ['/tmp', '/var/tmp', '/run', '/sys', '/dev', '/proc']
  return layout.masked
    .filter((path) => ![...covered, ...layout.impassable].some((folder) => isInside(path, folder)))
    .map((target) => ({ op: 'mask', target, optional: true }))
}

function readOnly(source: string, target: string, optional: boolean): MountOperation {
  return { op: 'bind', source, target, access: 'ro', idmap: false, optional }
}

function tmpfs(target: string, size: { sizeBytes: number; inodes: number }, mode: number): MountOperation {
  return { op: 'tmpfs', target, ...size, mode }
}

function dir(target: string, mode: number): MountOperation {
  return { op: 'dir', target, mode }
}
