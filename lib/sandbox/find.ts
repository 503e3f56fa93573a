/** Finds a command as a shell would, and says why not. */
import { basename, isAbsolute, join, resolve } from 'node:path'
import { McpoError } from '../errors.ts'
import { isExecutable, lookAt } from './look.ts'
import { behindShim, isShim, type ShimContext } from './shims.ts'

/** Where a PATH is not set. */
const defaultPath = '/usr/local/bin:/usr/bin:/bin'

/** Exit codes of env(1), chroot(1) and shells for the two cases. */
export const commandFailure = { notFound: 127, notExecutable: 126 } as const

/** Absolute path of the program; a version manager's shim gives way to what it stands for. Throws NOT_FOUND. */
export async function findCommand(command: string, context: ShimContext): Promise<string> {
  if (command === '') throw notFound(command, 'the name is empty')
  if (command.includes('/')) return checkedFile(command, context)
  let sawShim: string | null = null
  for (const folder of searchFolders(context)) {
    const candidate = join(folder, command)
    if (!(await isExecutable(candidate))) continue
    if (!isShim(candidate)) return candidate
    const real = await behindShim(candidate, context)
    if (real !== null) return real
    sawShim = candidate
  }
  if (sawShim !== null)
    throw notFound(command, `${sawShim} belongs to a version manager, and no installed version of it has this command`)
  throw notFound(command, `it is in none of the folders of PATH (${searchFolders(context).join(':')})`)
}

function searchFolders({ environment }: ShimContext): string[] {
  return (environment['PATH'] ?? defaultPath).split(':').filter(isAbsolute)
}

async function checkedFile(command: string, context: ShimContext): Promise<string> {
  const path = resolve(context.baseDir, command)
  const stats = await lookAt(path)
  if (stats === null) throw notFound(command, `there is no ${path}, or it cannot be reached`)
  if (!(await isExecutable(path))) {
    throw new McpoError(
      'NOT_FOUND',
      `cannot execute ${path}: ${stats.isDirectory() ? 'it is a folder' : 'it is not marked executable'}`,
      {
        hint: stats.isDirectory() ? 'name the program in it' : `run: chmod +x ${path}`,
        data: { command, exitCode: commandFailure.notExecutable },
      },
    )
  }
  return isShim(path) ? ((await behindShim(path, context)) ?? path) : path
}

function notFound(command: string, why: string): McpoError {
  return new McpoError('NOT_FOUND', `no such command: ${command === '' ? '""' : basename(command)}: ${why}`, {
    hint: 'install it, or write its absolute path',
    data: { command, exitCode: commandFailure.notFound },
  })
}
