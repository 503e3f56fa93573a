/**
 * Version managers put small programs ("shims") into PATH that choose a version and execute it. They need the manager,
 * its settings and its whole store; so the choice is made here, from the same files, and only what was chosen is shown.
 * No program of a manager is executed.
 */
import { basename, dirname, join } from 'node:path'
import { isExecutable, namesIn, textOf } from './look.ts'

export interface ShimContext {
  readonly baseDir: string
  /** For PATH, HOME and the managers' own variables. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

interface Manager {
  /** Recognises a shim by its path. */
  readonly owns: (path: string) => boolean
  readonly resolve: (path: string, context: ShimContext) => Promise<string | null>
}

const managers: readonly Manager[] = [
  { owns: (path) => /\/\.?(pyenv|rbenv|nodenv|goenv)\/shims\/[^/]+$/.test(path), resolve: envFamily },
  { owns: (path) => /\/\.?asdf\/shims\/[^/]+$/.test(path), resolve: asdf },
  { owns: (path) => /\/mise\/shims\/[^/]+$/.test(path), resolve: mise },
  { owns: (path) => /\/\.?volta\/bin\/[^/]+$/.test(path), resolve: volta },
]

const maxParents = 64

export function isShim(path: string): boolean {
  return managers.some((manager) => manager.owns(path))
}

/** `null` when the manager has no version of it, or the settings say "the system's". */
export async function behindShim(path: string, context: ShimContext): Promise<string | null> {
  const manager = managers.find((each) => each.owns(path))
  return manager === undefined ? null : manager.resolve(path, context)
}

/** pyenv and its relatives: `<NAME>_VERSION`, `.<language>-version` upwards, `<root>/version`. */
async function envFamily(path: string, { baseDir, environment }: ShimContext): Promise<string | null> {
  const root = dirname(dirname(path))
  const manager = basename(root).replace(/^\./, '')
  const language = { pyenv: 'python', rbenv: 'ruby', nodenv: 'node', goenv: 'go' }[manager] ?? manager
  const chosen =
    environment[`${manager.toUpperCase()}_VERSION`] ??
    (await nearest(baseDir, `.${language}-version`)) ??
    (await textOf(join(root, 'version'))) ??
    ''
  const separators = environment[`${manager.toUpperCase()}_VERSION`] === undefined ? /\s+/ : /:/
  const wanted = chosen.split(separators).filter((version) => version !== '')
  return installed(join(root, 'versions'), wanted, basename(path))
}

/** asdf: the shim lists plugin and version of what has the command; `.tool-versions` chooses. */
async function asdf(path: string, { baseDir, environment }: ShimContext): Promise<string | null> {
  const root = environment['ASDF_DATA_DIR'] ?? dirname(dirname(path))
  const offered = [...((await textOf(path)) ?? '').matchAll(/^# asdf-plugin: (\S+) (\S+)/gm)]
  const settings =
    (await nearest(baseDir, '.tool-versions')) ??
    (await textOf(join(environment['HOME'] ?? '/', '.tool-versions'))) ??
    ''
  for (const plugin of new Set(offered.map((match) => match[1] ?? ''))) {
    const listed = offered.filter((match) => match[1] === plugin).map((match) => match[2] ?? '')
    const found = await installed(
      join(root, 'installs', plugin),
      [...toolVersions(settings, plugin), ...listed],
      basename(path),
    )
    if (found !== null) return found
  }
  return null
}

/** mise: every tool that has the command; `.tool-versions` or `mise.toml` chooses, or else `latest`. */
async function mise(path: string, { baseDir }: ShimContext): Promise<string | null> {
  const installs = join(dirname(dirname(path)), 'installs')
  const lines = (await nearest(baseDir, '.tool-versions')) ?? ''
  const tables = (await nearest(baseDir, 'mise.toml')) ?? (await nearest(baseDir, '.mise.toml')) ?? ''
  for (const tool of (await namesIn(installs)).sort()) {
    const inTable = new RegExp(`^\\s*"?${tool.replace(/[^\w-]/g, '.')}"?\\s*=\\s*"([^"]+)"`, 'm').exec(tables)
    const wanted = [...toolVersions(lines, tool), ...(inTable?.[1] === undefined ? [] : [inTable[1]]), 'latest']
    const found = await installed(join(installs, tool), wanted, basename(path))
    if (found !== null) return found
  }
  return null
}

/** volta: the project's `package.json`, or the account's platform file. */
async function volta(path: string, { baseDir }: ShimContext): Promise<string | null> {
  const root = dirname(dirname(path))
  const image = join(root, 'tools/image/node')
  const project = parsed((await nearest(baseDir, 'package.json')) ?? '{}')['volta']
  const platform = parsed((await textOf(join(root, 'tools/user/platform.json'))) ?? '{}')['node']
  const wanted = [property(project, 'node'), property(platform, 'runtime')].filter((version) => version !== null)
  return installed(image, wanted, basename(path))
}

/** The first wanted version that is there and has the command. `3.11` means the newest 3.11.x. */
async function installed(folder: string, wanted: readonly string[], name: string): Promise<string | null> {
  const versions = (await namesIn(folder)).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  for (const version of wanted) {
    const matching = versions.filter((each) => each === version || each.startsWith(`${version}.`))
    for (const each of matching) {
      const path = join(folder, each, 'bin', name)
      if (await isExecutable(path)) return path
    }
  }
  return null
}

function toolVersions(text: string, tool: string): string[] {
  const line = text.split('\n').find((each) => each.trim().split(/\s+/)[0] === tool)
  return line === undefined ? [] : (line.split('#')[0] ?? '').trim().split(/\s+/).slice(1)
}

/** The file of this name in the folder or the nearest above it. */
async function nearest(folder: string, name: string): Promise<string | null> {
  let here = folder
  for (let step = 0; step < maxParents; step++) {
    const text = await textOf(join(here, name))
    if (text !== null) return text
    if (here === dirname(here)) return null
    here = dirname(here)
  }
  return null
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function property(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null) return null
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1]
  return typeof found === 'string' ? found : null
}
