/** docker with a daemon of the test's own, which has no network: it would want the firewall's programs. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../support/until.ts'

export class DockerDaemon {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mcpo-docker-'))
  readonly #process: ChildProcess
  /** For a gateway: no podman, which it would take first, is in its PATH. */
  readonly environment: { readonly PATH: string; readonly HOME: string; readonly DOCKER_HOST: string }

  private constructor() {
    const folder = this.#folder
    const programs = join(folder, 'bin')
    mkdirSync(programs)
    symlinkSync('/usr/bin/docker', join(programs, 'docker'))
    for (const program of ['rm', 'sleep']) symlinkSync(join('/usr/bin', program), join(programs, program))
    this.environment = { PATH: programs, HOME: folder, DOCKER_HOST: `unix://${folder}/socket` }
    this.#process = startDaemon(folder, this.environment.DOCKER_HOST)
  }

  /** Resolves when it answers. */
  static async start(): Promise<DockerDaemon> {
    const daemon = new DockerDaemon()
    await until(() => daemon.#answers())
    return daemon
  }

  docker(...args: readonly string[]): string {
    return execFileSync('docker', args, {
      env: this.environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim()
  }

  async end(): Promise<void> {
    this.#process.kill()
    if (this.#process.exitCode === null) await once(this.#process, 'exit')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #answers(): boolean {
    try {
      return this.docker('info') !== ''
    } catch {
      const { exitCode } = this.#process
      if (exitCode === null) return false
      throw new Error(`dockerd ended with ${exitCode}: ${readFileSync(join(this.#folder, 'log'), 'utf8')}`)
    }
  }
}

function startDaemon(folder: string, host: string): ChildProcess {
  const log = openSync(join(folder, 'log'), 'a')
  const places = ['data-root', 'exec-root'].map((name) => `--${name}=${join(folder, name)}`)
  const network = ['--iptables=false', '--ip6tables=false', '--bridge=none']
  const rest = [`--host=${host}`, `--pidfile=${folder}/pid`, '--storage-driver=vfs']
  return spawn('dockerd', [...places, ...network, ...rest], { stdio: ['ignore', log, log] })
}
