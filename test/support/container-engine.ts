/** podman with a store of its own, as whoever runs the test: see container-host.ts. */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { packageFolder } from './attack.ts'
import { busybox } from './container-host.ts'

export interface TestEngine {
  /** What podman finds its store by. */
  readonly env: NodeJS.ProcessEnv
  /** Where it keeps images. */
  readonly graph: string
  /** Of a root with busybox alone. */
  readonly image: string
  podman(...args: readonly string[]): string
}

const image = 'localhost/mcpo-test:1'
const applets = ['sh', 'cat', 'sleep', 'env', 'id', 'touch', 'grep', 'ls', 'seq', 'tail', 'tr']

/** With its image; nothing of it runs after the test file. Its folder goes with the host's, since not all in it is the user's own. */
export function testEngine(): TestEngine {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-engine-'))
  const graph = join(folder, 'graph')
  const env = {
    PATH: process.env['PATH'],
    CONTAINERS_STORAGE_CONF: makeStorage(folder, graph),
    USER: process.env['USER'],
    XDG_RUNTIME_DIR: join(folder, 'runtime'),
  }
  mkdirSync(env.XDG_RUNTIME_DIR, { mode: 0o700 })
  const options = { env: { ...env, HOME: folder }, encoding: 'utf8', timeout: 60_000 } as const
  const podman = (...args: readonly string[]): string =>
    execFileSync('podman', args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => {
    podman('rm', '--all', '--force')
    // An ordinary user's podman leaves a process that holds its user namespace.
    if (process.getuid?.() !== 0) podman('system', 'migrate')
  })
  podman('import', '--change', 'ENTRYPOINT ["/server"]', makeRoot(folder), image)
  return { env, graph, image, podman }
}

/** The settings of a store: root's and an ordinary user's have keys of their own. */
function makeStorage(folder: string, graph: string): string {
  const settings = { driver: 'vfs', graphroot: graph, rootless_storage_path: graph, runroot: join(folder, 'run') }
  const lines = Object.entries(settings).map(([key, value]) => `${key} = "${value}"\n`)
  const file = join(folder, 'storage.conf')
  writeFileSync(file, `[storage]\n${lines.join('')}`)
  return file
}

function makeRoot(folder: string): string {
  const root = join(folder, 'root')
  for (const name of ['bin', 'tmp', 'proc', 'sys', 'dev', 'etc', 'run'])
    mkdirSync(join(root, name), { recursive: true })
  cpSync(busybox, join(root, 'bin/busybox'))
  for (const applet of applets) symlinkSync('busybox', join(root, 'bin', applet))
  cpSync(join(packageFolder, 'test/fixtures/servers/box.sh'), join(root, 'server'))
  const tar = join(folder, 'root.tar')
  execFileSync('tar', ['-C', root, '--owner=0', '--group=0', '-cf', tar, '.'])
  return tar
}
