import type { Path } from './positions.ts'

/** `${NAME}` or `${NAME:-default}`, taken from the environment and from the built-in names. */
export interface Filled {
  readonly value: unknown
  /** Names that the file used and the environment had, or lacked. The built-in ones are not among them. */
  readonly used: ReadonlySet<string>
  readonly problems: readonly { readonly path: Path; readonly message: string }[]
}

/** Deeper than any table of the schema; a bound for the recursion. */
const maxDepth = 32
const maxFilledLength = 1024 * 1024

/**
 * Fills variables into every string of a parsed document, never into keys, and never twice: what a variable holds is
 * not looked at again. `$${` is a literal `${`. An empty variable takes the default, as in a shell.
 */
export function fillVariables(
  document: unknown,
  env: NodeJS.ProcessEnv,
  builtIn: Readonly<Record<string, string>>,
): Filled {
  const used = new Set<string>()
  const problems: { path: Path; message: string }[] = []

  function fill(value: unknown, path: Path): unknown {
    if (typeof value === 'string') return fillString(value, path)
    if (typeof value !== 'object' || value === null || value instanceof Date) return value
    if (path.length >= maxDepth) return report(path, `nested deeper than ${maxDepth} levels`)
    if (Array.isArray(value)) return value.map((item, index) => fill(item, [...path, index]))
    return fillTable(value, path)
  }

  function fillTable(value: object, path: Path): object {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, [...path, key])]))
  }

  function fillString(text: string, path: Path): string {
    const filled = text.replace(reference, (whole: string, name?: string, fallback?: string) => {
      if (whole === '$${') return '${'
      if (name === undefined) return report(path, malformed)
      return lookUp(name, fallback, path)
    })
    return filled.length <= maxFilledLength ? filled : report(path, 'is too long with its variables filled in')
  }

  function lookUp(name: string, fallback: string | undefined, path: Path): string {
    const own = ownValue(builtIn, name)
    if (own !== undefined) return own
    used.add(name)
    const found = ownValue(env, name)
    if (fallback !== undefined) return found === undefined || found === '' ? fallback : found
    if (found !== undefined) return found
    return report(
      path,
      `uses \${${name}}, and the environment has no variable ${name}; set it, or write \${${name}:-default}`,
    )
  }

  function report(path: Path, message: string): string {
    problems.push({ path, message })
    return ''
  }

  return { value: fill(document, []), used, problems }
}

const malformed = `has "\${" that is neither \${NAME} nor \${NAME:-default}; a literal one is "$\${"`
const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g

/** Not `record[name]`: `constructor` and the like are no variables. */
function ownValue(record: NodeJS.ProcessEnv, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}
