/** `type = "container"` by docker, whose daemon is this test's own. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { makeRoot } from '../../support/container-engine.ts'
import { until } from '../../support/until.ts'
import { containerBattery } from './container-battery.ts'

const folder = mkdtempSync(join(tmpdir(), 'mcpo-docker-'))
/** Where podman is not, which comes first. */
const programs = join(folder, 'bin')
mkdirSync(programs)
symlinkSync('/usr/bin/docker', join(programs, 'docker'))
const environment = { PATH: programs, HOME: folder, DOCKER_HOST: `unix://${folder}/socket` }
const image = 'mcpo-test:1'

const daemon = startDaemon()
t.teardown(async () => {
  daemon.kill()
  await once(daemon, 'exit')
  rmSync(folder, { recursive: true, force: true })
})
await until(answers)
docker('import', makeRoot(folder), image)
containerBattery({ name: 'docker', image, environment, endsWhole: false })

/** Without a network, for which it wants the firewall's programs. */
function startDaemon() {
  const log = openSync(join(folder, 'log'), 'a')
  const places = ['data-root', 'exec-root'].map((name) => `--${name}=${join(folder, name)}`)
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none']
  const rest = [`--host=${environment.DOCKER_HOST}`, `--pidfile=${folder}/pid`, '--storage-driver=vfs']
  return spawn('dockerd', [...places, ...network, ...rest], { stdio: ['ignore', log, log] })
}

function docker(...args: readonly string[]): string {
  return execFileSync('docker', args, { env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

function answers(): boolean {
  try {
    return docker('info') !== ''
  } catch {
    if (daemon.exitCode !== null) throw new Error(`dockerd ended with ${daemon.exitCode}`)
    return false
  }
}
