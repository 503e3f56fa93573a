/**
 * podman with a store of its own, for tests as root: in a mount namespace where an empty folder covers the machine's control groups, so
 * that no engine touches them. Without podman such a test is skipped, but never where MCPO_MUST_ENFORCE=1.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { packageFolder } from './attack.ts'

export interface TestEngine {
  /** What podman finds its store by. */
  readonly env: { readonly CONTAINERS_STORAGE_CONF: string; readonly PATH: string }
  /** Of a root with busybox alone. */
  readonly image: string
  podman(...args: readonly string[]): string
}

const mark = 'MCPO_CONTAINER_TEST'
const busybox = '/bin/busybox'
const image = 'localhost/mcpo-test:1'
const applets = ['sh', 'cat', 'sleep', 'env', 'id', 'touch', 'grep', 'ls', 'tr']

/** Runs the test file again inside, and ends this process with its result. Call it before anything else. */
export function insideContainerHost(file: string): void {
  if (process.env[mark] !== undefined) return
  const missing = whatIsMissing()
  if (missing !== null && process.env['MCPO_MUST_ENFORCE'] !== '1') {
    t.plan(0, missing)
    process.exit(0)
  }
  if (missing !== null) throw new Error(missing)
  const script = 'mount -t tmpfs none /sys/fs/cgroup && exec "$@"'
  const command = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', process.execPath, file]
  const { status } = spawnSync('unshare', command, { stdio: 'inherit', env: { ...process.env, [mark]: '1' } })
  process.exit(status ?? 1)
}

/** With its image; gone with the test file. */
export function testEngine(): TestEngine {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-engine-'))
  const conf = join(folder, 'storage.conf')
  writeFileSync(conf, `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/graph"\nrunroot = "${folder}/run"\n`)
  const env = { CONTAINERS_STORAGE_CONF: conf, PATH: process.env['PATH'] ?? '' }
  const podman = (...args: readonly string[]): string =>
    execFileSync('podman', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 })
  t.teardown(() => {
    podman('rm', '--all', '--force')
    rmSync(folder, { recursive: true, force: true })
  })
  podman('import', '--change', 'ENTRYPOINT ["/server"]', makeRoot(folder), image)
  return { env, image, podman }
}

function whatIsMissing(): string | null {
  if (process.getuid?.() !== 0) return 'needs root'
  if (!existsSync(busybox)) return 'needs busybox-static'
  const lacks = ['podman', 'crun'].find((name) => spawnSync(name, ['--version']).status !== 0)
  return lacks === undefined ? null : `needs ${lacks}`
}

function makeRoot(folder: string): string {
  const root = join(folder, 'root')
  for (const name of ['bin', 'tmp', 'proc', 'sys', 'dev', 'etc', 'run'])
    mkdirSync(join(root, name), { recursive: true })
  cpSync(busybox, join(root, 'bin/busybox'))
  for (const applet of applets) symlinkSync('busybox', join(root, 'bin', applet))
  cpSync(join(packageFolder, 'test/fixtures/servers/box.sh'), join(root, 'server'))
  const tar = join(folder, 'root.tar')
  execFileSync('tar', ['-C', root, '-cf', tar, '.'])
  return tar
}
