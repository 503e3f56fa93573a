/** A unit of ours as systemd runs it: installed from examples/, asked and ended by systemctl. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageFolder } from '../../platform/linux/sandboxed.ts'

/** The system's manager for root, else the user's own. */
export class Unit {
  readonly #name: string
  readonly #manager: readonly string[]
  readonly #folder: string

  constructor(isRoot: boolean, name = 'mcpo.service') {
    this.#name = name
    this.#manager = isRoot ? [] : ['--user']
    this.#folder = isRoot ? '/etc/systemd/system' : join(homedir(), '.config/systemd/user')
  }

  /** `example` as it is, and what the operator of this machine adds to its section [Service]. */
  install(example: string, added: string): void {
    const dropIn = join(this.#folder, `${this.#name}.d/local.conf`)
    mkdirSync(dirname(dropIn), { recursive: true })
    copyFileSync(join(packageFolder, 'examples', example), join(this.#folder, this.#name))
    writeFileSync(dropIn, `[Service]\n${added}\n`)
    this.#systemctl('daemon-reload')
  }

  /** What `systemd-analyze verify` finds wrong with it. */
  verify(): string {
    return execFileSync('systemd-analyze', [...this.#manager, 'verify', '--man=no', join(this.#folder, this.#name)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  start(): void {
    this.#systemctl('start', this.#name)
  }

  stop(): void {
    this.#systemctl('stop', this.#name)
  }

  /** A property of systemd's, as `systemctl show` prints it. */
  show(property: string): string {
    return this.#systemctl('show', '--property', property, '--value', this.#name).trim()
  }

  life(): readonly string[] {
    return ['MainPID', 'ActiveState', 'NRestarts'].map((property) => this.show(property))
  }

  /** Its folder in the tree of control groups. */
  group(): string {
    return join('/sys/fs/cgroup', this.show('ControlGroup'))
  }

  #systemctl(...args: readonly string[]): string {
    return execFileSync('systemctl', [...this.#manager, ...args], { encoding: 'utf8' })
  }
}
