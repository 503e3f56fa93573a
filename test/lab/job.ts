/** What a guest is to run, and how guest/init is told. */
import { project } from './machine.ts'

export interface Job {
  /** Of a Debian that systemd is to boot first (system.ts). `null`: the command is all that the guest runs. */
  readonly system: string | null
  readonly command: readonly string[]
  readonly uid: number
  readonly environment: Readonly<Record<string, string>>
  /** Settings below /proc/sys that hold before the command starts: `user.max_user_namespaces`. */
  readonly sysctls: Readonly<Record<string, number>>
  readonly memoryMb: number
  /** From the machine's start to the exit of the command. */
  readonly timeoutMs: number
}

/** A shell script that sets what guest/init reads, and the command as its arguments. */
export function jobScript({ system, command, uid, environment, sysctls }: Job, mark: string, busybox: string): string {
  const settings = Object.entries(sysctls).map(([name, value]) => `${name.replaceAll('.', '/')}=${value}`)
  const variables = {
    uid: String(uid),
    mark,
    busybox,
    project,
    system: system ?? '',
    node: process.execPath,
    sysctls: settings.join(' '),
  }
  const home = uid === 0 ? '/tmp/root' : `/tmp/user-${uid}`
  return [
    ...Object.entries(variables).map(assignment),
    ...Object.entries({ HOME: home, NO_COLOR: '1', ...environment }).map((each) => `export ${assignment(each)}`),
    `set -- ${command.map(quoted).join(' ')}`,
    '',
  ].join('\n')
}

function assignment([name, value]: readonly [string, string]): string {
  return `${name}=${quoted(value)}`
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
