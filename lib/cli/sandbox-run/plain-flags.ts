/**
 * Reads flags that are written plainly, as yargs would, without what loading yargs costs. It answers only where there is
 * nothing to decide: everything else, help and mistakes among it, is left to yargs.
 */
import type { Options } from 'yargs'

/** `null`: leave it to yargs. Flags: `--name value`, `--name=value`, and `--name` of a boolean, each once unless it is a list. */
export function plainFlags(
  args: readonly string[],
  options: Readonly<Record<string, Options>>,
): Record<string, unknown> | null {
  const flags = defaultsOf(options)
  const seen = new Set<string>()
  for (let index = 0; index < args.length; index += 1) {
    const [, name = '', written] = /^--([a-z-]+)(?:=(.*))?$/s.exec(args[index] ?? '') ?? []
    const option = Object.hasOwn(options, name) ? options[name] : undefined
    if (option === undefined || (seen.has(name) && option.array !== true)) return null
    seen.add(name)
    if (option.type === 'boolean') {
      if (written !== undefined) return null
      flags[name] = true
      continue
    }
    if (written === undefined) index += 1
    const value = plainValue(option, written ?? args[index])
    if (value === null) return null
    flags[name] = option.array === true ? [...(flags[name] as unknown[]), value] : value
  }
  return flags
}

function defaultsOf(options: Readonly<Record<string, Options>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).flatMap(([name, option]) => ('default' in option ? [[name, option.default]] : [])),
  )
}

/** No value that looks like a flag, and none in quotes, which yargs would take off. */
function plainValue(option: Options, text: string | undefined): string | number | null {
  if (text === undefined || text === '' || /^[-'"]/.test(text)) return null
  if (option.type === 'number') return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : null
  if (option.choices !== undefined) return option.choices.includes(text) ? text : null
  return text
}
