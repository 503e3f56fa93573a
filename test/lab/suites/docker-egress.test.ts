/** The same by docker, whose daemon is this test's own: dockerd, containerd and runc are in PATH. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { makeRoot } from '../../support/container-engine.ts'
import { processesWith } from '../../support/processes.ts'
import { until } from '../../support/until.ts'
import { withoutRoute } from '../../support/without-route.ts'
import { reachesTheListedAlone } from './listed-alone.ts'

withoutRoute(import.meta.filename)

const folder = mkdtempSync(join(tmpdir(), 'mcpo-docker-'))
const client = execFileSync('sh', ['-c', 'command -v docker'], { encoding: 'utf8' }).trim()
/** Where podman is not, which comes first. */
const programs = join(folder, 'bin')
mkdirSync(programs)
symlinkSync(client, join(programs, 'docker'))
const environment = { PATH: programs, HOME: folder, DOCKER_HOST: `unix://${folder}/socket` }
const image = 'mcpo-test:1'

const daemon = startDaemon()
t.teardown(async () => {
  daemon.kill()
  await once(daemon, 'exit')
  rmSync(folder, { recursive: true, force: true })
})
await until(answers)
docker('import', makeRoot(folder, ['/usr/bin/curl']), image)

t.test('docker: what is listed answers, by proxy and without one, and nothing else does', async (t) => {
  await reachesTheListedAlone(t, image, environment)
  t.equal(docker('ps', '--all', '--quiet'), '', 'nor is what held the network there')
  t.strictSame(processesWith(`mcpo-box-${process.pid}-`), [])
})

/** Without a network of its own. It wants a folder below /etc, which is read-only in a guest. */
function startDaemon() {
  const log = openSync(join(folder, 'log'), 'a')
  const places = ['data-root', 'exec-root'].map((name) => `--${name}=${join(folder, name)}`)
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none']
  const rest = [`--host=${environment.DOCKER_HOST}`, `--pidfile=${folder}/pid`, '--storage-driver=vfs']
  const script = 'cp -a /etc "$0"; mkdir -p "$0/etc/docker"; mount --bind "$0/etc" /etc; exec dockerd "$@"'
  const args = ['--mount', 'sh', '-c', script, folder, ...places, ...network, ...rest]
  return spawn('unshare', args, { stdio: ['ignore', log, log] })
}

function docker(...args: readonly string[]): string {
  return execFileSync(client, args, { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function answers(): boolean {
  try {
    return docker('info') !== ''
  } catch {
    if (daemon.exitCode !== null) throw new Error(`dockerd ended with ${daemon.exitCode}`)
    return false
  }
}
