import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { LocalSettings, RemoteSettings, UpstreamSettings } from '../../config/model.ts'
import { version } from '../identity.ts'

/** Files of a command that are looked at, and folders that a command is looked for in. */
const maxFiles = 16
const maxFolders = 64

/**
 * Names a server as it is configured and installed, so that what was found out about another one is not taken for true: a hash
 * without a value of a variable or header in it. Files that are not named by an absolute path or found in PATH are not seen.
 */
export async function verdictKey(settings: UpstreamSettings): Promise<string> {
  const { type, protocol } = settings
  const what = settings.type === 'stdio' ? await localFacts(settings) : remoteFacts(settings)
  return createHash('sha256')
    .update(JSON.stringify({ version, type, protocol, ...what }))
    .digest('hex')
}

async function localFacts(settings: LocalSettings): Promise<object> {
  const { image, command, args, env, cwd } = settings
  if (image !== null) return { image, command, args, env: Object.keys(env).sort(), cwd }
  const files = [await programOf(command), ...args.filter((arg) => isAbsolute(arg)).slice(0, maxFiles)]
  return { command, args, env: Object.keys(env).sort(), cwd, files: await Promise.all(files.map(stampOf)) }
}

function remoteFacts({ url, headers }: RemoteSettings): object {
  return { url, headers: Object.keys(headers).sort() }
}

async function programOf(command: string): Promise<string> {
  if (command.includes('/')) return command
  const folders = (process.env['PATH'] ?? '').split(':').filter(isAbsolute).slice(0, maxFolders)
  for (const folder of folders) {
    const path = join(folder, command)
    if ((await stampOf(path)) !== null) return path
  }
  return command
}

/** Changes when the file is written or exchanged; null for what is no file. */
async function stampOf(path: string): Promise<object | null> {
  try {
    const stats = await stat(path)
    return stats.isFile() ? { size: stats.size, changed: stats.mtimeMs, inode: stats.ino } : null
  } catch {
    return null
  }
}
