import { dirname, resolve } from 'node:path'
import { toMcpoError } from '../errors.ts'
import { type Document, nameOf, type Override, Places, type Problem, valueAt, withOverrides } from './document.ts'
import { readHeaders } from './headers.ts'
import type { AuthSettings, Config } from './model.ts'
import { normalise } from './normalise.ts'
import { checkOverlaps } from './overlaps.ts'
import type { Path } from './positions.ts'
import { readTrusted } from './read.ts'
import { configError, syntaxError } from './report.ts'
import { authTypeOf } from './rules/auth.ts'
import { checkRules } from './rules/index.ts'
import { at } from './rules/rule.ts'
import { resolveToken } from './token.ts'
import { parseToml } from './toml.ts'
import { validate } from './validate.ts'
import { fillVariables } from './variables.ts'
import { warningsOf } from './warnings.ts'

export type { Override } from './document.ts'
export { defaultConfigPath } from './folders.ts'

const maxFileBytes = 1024 * 1024

/**
 * Reads a configuration file into its normal form. `overrides` (flags, the gateway's own variables) stand above the
 * file and are checked like it; one whose value is undefined is none. Rejects with one CONFIG_ERROR that lists what is
 * wrong, a line each.
 */
export async function loadConfig(
  path: string,
  env: NodeJS.ProcessEnv,
  overrides: readonly Override[] = [],
): Promise<Config> {
  const folder = dirname(resolve(path))
  const { text, stats } = await readTrusted(path, 'the configuration file', maxFileBytes)
  const given = overrides.filter(({ value }) => value !== undefined)
  const { document, used, unfilled } = prepare(path, text, folder, env, given)
  const places = new Places(document)
  const { settings, problems } = validate(document)
  const found = [...problems, ...checkRules(document, places)].filter((problem) => !isAmong(problem, unfilled))
  const auth = await readAuth(document, [...unfilled, ...found], folder, env)
  const headers = await readHeaders(document, [...unfilled, ...found], folder, env)
  const overlaps = await checkOverlaps(document, places, folder, env)
  const all = [...unfilled, ...found, ...auth.problems, ...headers.problems, ...overlaps]
  if (all.length > 0 || settings === null) throw configError(places, all)
  return {
    file: resolve(path),
    ...normalise(settings, headers.ofServers, folder, env),
    auth: auth.settings,
    usedVariables: new Set([...used, ...headers.variables]),
    warnings: warningsOf(document, places, stats),
  }
}

interface Prepared {
  readonly document: Document
  readonly used: ReadonlySet<string>
  /** What could not be filled in. */
  readonly unfilled: readonly Problem[]
}

/** Parsed, filled, overridden; throws where the text is no TOML. */
function prepare(
  file: string,
  text: string,
  folder: string,
  env: NodeJS.ProcessEnv,
  overrides: readonly Override[],
): Prepared {
  const parsed = parseToml(text)
  if ('reason' in parsed) throw syntaxError(file, parsed.reason, parsed.position)
  const { value, used, problems } = fillVariables(parsed.value, env, { CONFIG_DIR: folder })
  const [written, filled] = [parsed.value, value].map((root) => withOverrides(root, overrides))
  const document = { file, text, written, filled, overrides }
  const unfilled = problems.map(({ path, message }) => at(path, `${nameOf(document, path)} ${message}`))
  return { document, used, unfilled }
}

/** The token is read from its file only when nothing is wrong with the setting itself. */
async function readAuth(
  document: Document,
  known: readonly Problem[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<{ settings: AuthSettings; problems: Problem[] }> {
  const path = ['auth', 'token']
  const setting = valueAt(document.filled, path)
  const none: AuthSettings = { type: 'none' }
  if (authTypeOf(document) !== 'static' || typeof setting !== 'string') return { settings: none, problems: [] }
  if (known.some((problem) => isAt(problem, path))) return { settings: none, problems: [] }
  try {
    return { settings: { type: 'static', token: await resolveToken(setting, folder, env) }, problems: [] }
  } catch (thrown) {
    const { message, hint } = toMcpoError(thrown)
    return { settings: none, problems: [at(path, `auth.token: ${message}${hint === undefined ? '' : `. ${hint}`}`)] }
  }
}

function isAmong({ path }: Problem, others: readonly Problem[]): boolean {
  return others.some((other) => isAt(other, path))
}

function isAt({ path }: Problem, other: Path): boolean {
  return JSON.stringify(path) === JSON.stringify(other)
}
