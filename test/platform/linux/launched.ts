/** Runs `launch-once` on plans, as the users that this machine lets us be. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { NativeEnding, NativeFailure, StatusRecord } from '../../../lib/native/index.ts'
import type { MountOperation, Plan } from '../../../lib/policy/plan.ts'

/** What became of a launch. */
export interface Outcome {
  readonly failure: NativeFailure | null
  readonly records: readonly StatusRecord[]
  readonly stdout: string
  readonly stderr: string
  readonly ending: NativeEnding | null
}

export interface User {
  readonly name: 'root' | 'root-without-user-namespace' | 'user'
  /** In plans of this user. */
  readonly hostUid: number | null
  readonly userNamespace: boolean
  /** The server's, as it sees itself. */
  readonly insideUid: number
  readonly uid: number
  /** What starts a program under this user. */
  readonly prefix: readonly string[]
}

const isRoot = process.getuid?.() === 0
const ordinary: User = {
  name: 'user',
  hostUid: null,
  userNamespace: true,
  insideUid: 1000,
  uid: isRoot ? 1000 : (process.getuid?.() ?? -1),
  prefix: isRoot ? ['setpriv', '--reuid', '1000', '--regid', '1000', '--clear-groups', '--'] : [],
}

const root: User = { name: 'root', hostUid: 61_184, userNamespace: true, insideUid: 1000, uid: 0, prefix: [] }

/** Where there are none to be had. */
export const rootWithoutUserNamespace: User = {
  ...root,
  name: 'root-without-user-namespace',
  userNamespace: false,
  insideUid: 61_184,
}

/** As root all, else only what we are. */
export const users: readonly User[] = isRoot ? [root, rootWithoutUserNamespace, ordinary] : [ordinary]

/** The built tree where every user can read it. */
export class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), 'mcpo-launcher-'))

  constructor() {
    const built = fileURLToPath(new URL('../../../..', import.meta.url))
    for (const part of ['dist/lib', 'dist/test/platform/linux'])
      cpSync(join(built, part), this.#place(part), { recursive: true })
    for (const file of ['mcp_one.node', 'mcpo-launch']) {
      cpSync(join(built, 'build/Release', file), this.#place(`build/Release/${file}`))
    }
    writeFileSync(join(this.folder, 'package.json'), '{ "type": "module" }')
    chmodSync(this.folder, 0o755)
  }

  #place(part: string): string {
    const path = join(this.folder, part)
    mkdirSync(join(path, '..'), { recursive: true })
    return path
  }

  /** A folder below the stage. */
  makeFolder(name: string, mode = 0o755): string {
    const path = this.#place(name)
    mkdirSync(path, { recursive: true })
    chmodSync(path, mode)
    return path
  }

  start(user: User, plan: Plan, ...flags: string[]): ChildProcess {
    const script = join(this.folder, 'dist/test/platform/linux/launch-once.js')
    const [command = '', ...args] = [...user.prefix, process.execPath, script, ...flags]
    const gateway = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' })
    gateway.stdin?.end(JSON.stringify(plan))
    return gateway
  }

  async run(user: User, plan: Plan, ...flags: string[]): Promise<Outcome> {
    const gateway = this.start(user, plan, ...flags)
    if (gateway.stdout === null) throw new Error('no stdout')
    return JSON.parse(await text(gateway.stdout))
  }

  /** A shell script in the minimal root. */
  shell(user: User, script: string, changes: Partial<Plan> = {}): Promise<Outcome> {
    return this.run(user, makePlan(user, script, changes))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export function bind(source: string, target = source, changes: object = {}): MountOperation {
  return { op: 'bind', source, target, access: 'ro', idmap: false, optional: false, ...changes }
}

/** What a program of the host needs to run, and nothing more. */
export const baseMounts: readonly MountOperation[] = [
  { op: 'tmpfs', target: '/tmp', sizeBytes: 1 << 20, inodes: 64, mode: 0o1777 },
  { op: 'tmpfs', target: '/home/mcp', sizeBytes: 1 << 20, inodes: 64, mode: 0o700 },
  bind('/usr'),
  ...['/bin', '/lib', '/lib64'].filter(existsSync).map((path) => bind(realpathSync(path), path)),
  { op: 'file', target: '/etc/passwd', mode: 0o644, content: 'mcp:x:1000:1000::/home/mcp:/bin/sh\n' },
  { op: 'dev', shmBytes: 1 << 20 },
  { op: 'proc' },
]

export function makePlan(user: User, script: string, changes: Partial<Plan> = {}): Plan {
  return {
    hostname: 'srv',
    hostUid: user.hostUid,
    userNamespace: user.userNamespace,
    shareNetwork: false,
    egress: null,
    root: 'minimal',
    mounts: baseMounts,
    landlock: null,
    rlimits: [{ resource: 'core', value: 0 }],
    watch: null,
    executable: '/bin/sh',
    argv: ['sh', '-c', script],
    environment: ['PATH=/usr/bin:/bin', 'HOME=/home/mcp'],
    cwd: '/home/mcp',
    dryRun: false,
    ...changes,
  }
}

/** The failure that the launcher reported, `step errno detail`. */
export function failureOf(outcome: Outcome): string | undefined {
  const record = outcome.records.find((record) => record.kind === 'failure')
  return record?.kind === 'failure' ? `${record.step} ${record.errno} ${record.detail}` : undefined
}

export function exitOf(outcome: Outcome): StatusRecord | undefined {
  return outcome.records.find((record) => record.kind === 'exit')
}
