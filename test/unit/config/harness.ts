import { join } from 'node:path'
import type { Test } from 'tap'
import { loadConfig, type Override } from '../../../lib/config/load.ts'
import type { Config, LocalSettings } from '../../../lib/config/model.ts'
import { McpoError } from '../../../lib/errors.ts'

/** Loads a text as a configuration file in a folder of its own. */
export function load(
  t: Test,
  text: string,
  env: NodeJS.ProcessEnv = {},
  overrides: readonly Override[] = [],
): Promise<Config> {
  return loadConfig(join(t.testdir({ 'config.toml': text }), 'config.toml'), env, overrides)
}

/** The servers of a configuration that the gateway starts itself. */
export function localServers({ servers }: Pick<Config, 'servers'>): LocalSettings[] {
  return servers.filter((server): server is LocalSettings => server.type === 'stdio')
}

/** The lines of the error that a text gives, without the folder. */
export async function refusalOf(
  t: Test,
  text: string,
  env: NodeJS.ProcessEnv = {},
  overrides: readonly Override[] = [],
): Promise<string[]> {
  try {
    await load(t, text, env, overrides)
    return []
  } catch (thrown) {
    if (!(thrown instanceof McpoError) || thrown.code !== 'CONFIG_ERROR') throw thrown
    return thrown.message.split('\n').map((line) => line.replace(`${t.testdirName}/`, ''))
  }
}

/** A `[[servers]]` entry that stands on three lines, and whatever is to follow. */
export function server(rest = '', name = 'files'): string {
  return `[[servers]]\nname = "${name}"\ncommand = "node"\n${rest}\n`
}

export function sandbox(rest: string): string {
  return server(`[servers.sandbox]\n${rest}`)
}
