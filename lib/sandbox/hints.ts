/** Paths among the arguments that exist on the host and that the sandbox does not show: most often a line is missing. */
import { basename, isAbsolute, resolve } from 'node:path'
import { isInside } from '../policy/paths.ts'
import type { MountOperation, Plan } from '../policy/plan.ts'
import { lookAt } from './look.ts'

const maxHints = 8

/** Programs that fetch what they run, and the preset of destinations that they need. */
const fetchers: Readonly<Record<string, string>> = { npx: 'npm', uvx: 'pypi', bunx: 'npm', pnpx: 'npm' }

/** A server that is fetched when it starts needs a network to start with. */
export function fetchHints(plan: Plan): string[] {
  const command = basename(plan.argv[0] ?? '')
  const preset = Object.hasOwn(fetchers, command) ? fetchers[command] : undefined
  if (plan.shareNetwork || plan.egress !== null || preset === undefined) return []
  return [
    `${command} fetches the server from the network, which this sandbox has not: install it and name its program as the command, or write network = ["${preset}"]`,
  ]
}

export async function pathHints(plan: Plan, baseDir: string): Promise<string[]> {
  if (plan.root !== 'minimal') return []
  const isShown = (path: string): boolean => plan.mounts.some((operation) => shows(operation, path))
  const hints: string[] = []
  for (const argument of plan.argv.slice(1)) {
    const path = pathIn(argument, baseDir)
    if (path === null || hints.length >= maxHints) continue
    if (isShown(path) || (await lookAt(path)) === null) continue
    hints.push(
      `the argument ${argument} names a path that the sandbox does not show; filesystem = ["${path}:ro"] would show it (without ":ro" also for writing)`,
    )
  }
  return hints
}

/** What a private folder holds is not what the host has there; the folder itself is as good as the host's. */
function shows(operation: MountOperation, path: string): boolean {
  switch (operation.op) {
    case 'bind':
    case 'symlink':
      return isInside(path, operation.target)
    case 'dev':
      return isInside(path, '/dev')
    case 'proc':
      return isInside(path, '/proc')
    default:
      return path === operation.target
  }
}

/** `/a/b`, `./a`, `../a`, `--option=/a/b`. */
function pathIn(argument: string, baseDir: string): string | null {
  const value = /^--?[\w-]+=(.+)$/.exec(argument)?.[1] ?? argument
  if (value.includes('\0') || value.length > 4096) return null
  if (isAbsolute(value)) return resolve(value)
  return /^\.{1,2}(\/|$)/.test(value) ? resolve(baseDir, value) : null
}
