import { spawn, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readlinkSync } from 'node:fs'

const program = 'bwrap'

/** A minimal root with every namespace that it can make: what compares with a sandbox of ours. */
export const bubblewrap: readonly string[] = [
  program,
  ...['--unshare-all', '--die-with-parent', '--clearenv'],
  ...['--ro-bind', '/usr', '/usr', ...['/bin', '/lib', '/lib64'].flatMap(shown)],
  ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
  '/bin/true',
]

/** Throws where there is no bubblewrap, or this host lets it make no sandbox. */
export function demandBubblewrap(): void {
  const { error, status, stderr } = spawnSync(program, bubblewrap.slice(1), { encoding: 'utf8' })
  if (error !== undefined)
    throw new Error(`${program} cannot be run (${error.message}). Debian, Ubuntu: apt-get install bubblewrap`)
  if (status !== 0) throw new Error(`${program} makes no sandbox here: ${stderr.trim()}`)
}

/** Settles when it has ended, with what it takes from the call. */
export function runBubblewrap(): Promise<void> {
  return ended(bubblewrap)
}

/** Without input and output; settles when the command has ended, which must be with 0. */
export function ended([command = '', ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'ignore' })
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`))))
  })
}

function shown(path: string): string[] {
  if (!existsSync(path)) return []
  return lstatSync(path).isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path]
}
