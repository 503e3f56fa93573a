import { McpoError } from '../errors.ts'
import type { Places, Problem } from './document.ts'
import type { Position } from './positions.ts'

const maxShown = 20

/** One error for everything found, a line each, in the order of the file. */
export function configError(places: Places, problems: readonly Problem[]): McpoError {
  const placed = withoutRepeats(problems)
    .map((problem) => ({ ...problem, ...places.position(problem.path, problem.part) }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
  const lines = placed.slice(0, maxShown).map(({ path, part, message }) => `${places.full(path, part)}: ${message}`)
  if (placed.length > maxShown) lines.push(`… and ${placed.length - maxShown} more`)
  return new McpoError('CONFIG_ERROR', lines.join('\n'), {
    data: { problems: placed.slice(0, maxShown).map(({ line, column, message }) => ({ line, column, message })) },
  })
}

/** A text that is no TOML: nothing else can be said about it. */
export function syntaxError(file: string, reason: string, { line, column }: Position): McpoError {
  return new McpoError('CONFIG_ERROR', `${file}:${line}:${column}: not valid TOML: ${reason}`, {
    data: { problems: [{ line, column, message: reason }] },
  })
}

/** A field's check and its bounds may say the same twice. */
function withoutRepeats(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify([problem.path, problem.message]), problem])).values()]
}
