/**
 * Where a test of containers runs: a mount namespace in which an empty folder covers the machine's control groups, so that no engine
 * touches them. Needs root. Without what is needed such a test is skipped, but never where MCPO_MUST_ENFORCE=1.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import t from 'tap'
import { packageFolder } from './attack.ts'
import { removeFolder } from './remove-folder.ts'
import { worldMark, worldRanges } from './world.ts'

/** Who runs gateway and engine. An ordinary user with subordinate ids has more than his own in a user namespace. */
export type ContainerHost = 'root' | 'user' | 'user-with-subordinate-ids'

const mark = 'MCPO_CONTAINER_TEST'
const user = { name: 'mcpo-test', id: 12_345 }
export const busybox = '/bin/busybox'

/** A network namespace without a route, in which `World` and the gateway are, and what the names there are for this machine. */
export type ContainerWorld = Readonly<Record<string, string>>

/** Runs the test file again inside, and ends this process with its result. Call it before anything else. */
export function insideContainerHost(file: string, host: ContainerHost, world: ContainerWorld | null = null): void {
  if (process.env[mark] !== undefined) return
  const missing = whatIsMissing(host)
  if (missing !== null && process.env['MCPO_MUST_ENFORCE'] !== '1') {
    t.plan(0, missing)
    process.exit(0)
  }
  if (missing !== null) throw new Error(missing)
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-h-'))
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 't'))
  const inside = world === null ? [] : worldIn(folder, world)
  const status = host === 'root' ? runAsRoot(folder, file, inside) : runAsUser(folder, file, host, inside)
  removeFolder(folder)
  process.exit(status)
}

/** Which package of Debian has a program. */
const packages = new Map([
  ['podman', 'podman'],
  ['crun', 'crun'],
  ['newuidmap', 'uidmap'],
])

function whatIsMissing(host: ContainerHost): string | null {
  if (process.getuid?.() !== 0) return 'needs root'
  if (!existsSync(busybox)) return 'needs busybox-static'
  const lacks = [...packages].find(
    ([program]) =>
      (program !== 'newuidmap' || host === 'user-with-subordinate-ids') &&
      spawnSync('sh', ['-c', 'command -v "$0"', program]).status !== 0,
  )
  return lacks === undefined ? null : `needs ${lacks[0]}: install the package ${lacks[1]}`
}

function runAsRoot(folder: string, file: string, world: readonly string[]): number {
  return runInside([...world, ...mountsFor()], file, { TMPDIR: join(folder, 't') })
}

/** The package is shown to him, wherever it is; his temporary files are in a folder that root removes, whosever they are. */
function runAsUser(folder: string, file: string, host: ContainerHost, world: readonly string[]): number {
  const [shown, own] = [join(folder, 'package'), join(folder, 't')]
  mkdirSync(shown)
  chownSync(own, user.id, user.id)
  const accounts = host === 'user' ? [] : makeAccounts(folder)
  const drop = ['setpriv', `--reuid=${user.id}`, `--regid=${user.id}`, '--clear-groups']
  const binds: [string, string][] = [[packageFolder, shown], ...accounts]
  return runInside([...world, ...mountsFor(binds), ...drop], join(shown, relative(packageFolder, file)), {
    TMPDIR: own,
    USER: user.name,
    HOME: own,
  })
}

/** He is in no file of this machine. */
function makeAccounts(folder: string): [string, string][] {
  const range = `${user.name}:1000000:65536\n`
  const added = { passwd: `${user.name}:x:${user.id}:${user.id}::/:/bin/sh\n`, group: `${user.name}:x:${user.id}:\n` }
  const files = {
    passwd: readFileSync('/etc/passwd', 'utf8') + added.passwd,
    group: readFileSync('/etc/group', 'utf8') + added.group,
    subuid: range,
    subgid: range,
  }
  return Object.entries(files).map(([name, text]) => {
    writeFileSync(join(folder, name), text)
    return [join(folder, name), join('/etc', name)]
  })
}

/**
 * The command that runs what follows it in a network namespace with the addresses of `World` and no route. An ordinary user may listen on
 * every port there.
 */
function worldIn(folder: string, names: ContainerWorld): string[] {
  const hosts = join(folder, 'hosts')
  const lines = Object.entries({ localhost: '127.0.0.1', ...names }).map(([name, address]) => `${address} ${name}\n`)
  writeFileSync(hosts, lines.join(''))
  const script = `set -e; mount --bind "$1" /etc/hosts; shift
    ip link set lo up; echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
    while [ "$1" != -- ]; do ip route replace local "$1" dev lo; shift; done; shift; exec "$@"`
  const env = ['env', `${worldMark}=1`]
  const unshare = ['unshare', '--net', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh']
  return [...unshare, hosts, ...worldRanges, '--', ...env]
}

/** The command that runs what follows it, with these folders shown at other places. */
function mountsFor(binds: readonly [string, string][] = []): string[] {
  const script = `set -e; mount -t tmpfs none /sys/fs/cgroup
    while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done; shift; exec "$@"`
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...binds.flat(), '--']
}

function runInside([command = '', ...args]: readonly string[], file: string, changes: NodeJS.ProcessEnv): number {
  // Without tap's own preloads, which write where only this process may.
  const env = { ...process.env, ...changes, [mark]: '1', NODE_OPTIONS: '' }
  return spawnSync(command, [...args, process.execPath, file], { stdio: 'inherit', env, cwd: '/' }).status ?? 1
}
