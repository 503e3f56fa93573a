/** Runs `mcpo sandbox run` for tests: as the user of the test and, where that is root, as an ordinary one too. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export const packageRoot = join(import.meta.dirname, '../../..')
/** `mcpo sandbox run`. */
export const commandLine = [process.execPath, join(packageRoot, 'bin/mcpo.js'), 'sandbox', 'run'] as const
const ordinaryUid = 1000

export interface User {
  readonly name: string
  readonly uid: number
}

/** Root tests both sides, if an ordinary user can read the built tree. */
export function users(): User[] {
  const uid = process.getuid?.() ?? 0
  if (uid !== 0) return [{ name: `uid ${uid}`, uid }]
  const root = { name: 'root', uid: 0 }
  return isReadableByOthers(packageRoot) ? [root, { name: `uid ${ordinaryUid}`, uid: ordinaryUid }] : [root]
}

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A home of its own, and the gateway's folders in it. */
export class Account {
  readonly user: User
  readonly home: string

  constructor(t: { teardown(handler: () => void): void }, user: User) {
    this.user = user
    this.home = realpathSync(mkdtempSync(join(tmpdir(), 'mcpo-e2e-')))
    chmodSync(this.home, 0o755)
    this.own(this.home)
    t.teardown(() => rmSync(this.home, { recursive: true, force: true }))
  }

  /** A folder in the home, made with its parents. */
  folder(name: string): string {
    const path = join(this.home, name)
    mkdirSync(path, { recursive: true })
    for (let each = path; each !== this.home; each = dirname(each)) this.own(each)
    return path
  }

  own(path: string): void {
    if (process.getuid?.() === 0) chownSync(path, this.user.uid, this.user.uid)
  }

  /** `mcpo sandbox run <args>`. */
  start(args: readonly string[], stdio: StdioOptions, environment: Record<string, string> = {}): ChildProcess {
    return this.startOther([...commandLine, ...args], stdio, environment)
  }

  /** Any command, as this user. */
  startOther(
    [command = '', ...args]: readonly string[],
    stdio: StdioOptions,
    environment: Record<string, string> = {},
  ): ChildProcess {
    return spawn(command, args, {
      cwd: this.home,
      stdio,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.home, ...environment },
      ...(process.getuid?.() === 0 ? { uid: this.user.uid, gid: this.user.uid } : {}),
    })
  }

  async run(
    args: readonly string[],
    options: { input?: string; environment?: Record<string, string> } = {},
  ): Promise<Outcome> {
    const child = this.start(args, 'pipe', options.environment)
    child.stdin?.end(options.input ?? '')
    return outcomeOf(child)
  }

  /** A shell script in the sandbox. */
  async sh(flags: readonly string[], script: string): Promise<Outcome> {
    return this.run([...flags, '--', 'sh', '-c', script])
  }
}

export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  const texts = [child.stdout, child.stderr].map(async (stream) => {
    let text = ''
    for await (const chunk of stream ?? []) text += String(chunk)
    return text
  })
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [stdout = '', stderr = ''] = await Promise.all(texts)
  return { code: await code, stdout, stderr }
}

function isReadableByOthers(path: string): boolean {
  for (let each = path; ; each = dirname(each)) {
    if ((statSync(each).mode & 0o005) !== 0o005) return false
    if (each === dirname(each)) return true
  }
}
