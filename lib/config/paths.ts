import { homedir } from 'node:os'
import { resolve } from 'node:path'

/** The absolute path that a setting means: `~` is the user's home, a relative one follows the folder of the file. */
export function absolutePath(path: string, folder: string, env: NodeJS.ProcessEnv): string {
  if (path === '~' || path.startsWith('~/')) return resolve(homeOf(env), path.slice(2))
  return resolve(folder, path)
}

/** A command without a slash is looked up in PATH later; any other is a path. */
export function commandPath(command: string, folder: string, env: NodeJS.ProcessEnv): string {
  return command.includes('/') ? absolutePath(command, folder, env) : command
}

/** Of $HOME, else of this process's account. `/` where its uid has none, as container engines and systemd say it themselves. */
export function ownHome(): string {
  try {
    return homedir()
  } catch {
    return '/'
  }
}

function homeOf(env: NodeJS.ProcessEnv): string {
  const home = env['HOME']
  return home === undefined || home === '' ? ownHome() : home
}
