import type { Stats } from 'node:fs'
import { type Document, type Places, valueAt } from './document.ts'
import { isReadableByOthers } from './ownership.ts'
import type { Path } from './positions.ts'
import { serverPaths } from './rules/rule.ts'

/** Valid, and worth a line at start: each with its place. */
export function warningsOf(document: Document, places: Places, stats: Stats): string[] {
  return [
    ...literalToken(document, places, stats),
    ...serverPaths(document).flatMap((path) => ofServer(document, places, path)),
  ]
}

/** Asks what is written, not what is filled in: a variable keeps the secret out of the file. */
function literalToken(document: Document, places: Places, stats: Stats): string[] {
  const path: Path = ['auth', 'token']
  const token = valueAt(document.written, path)
  if (typeof token !== 'string' || /^file:|\$\{/.test(token) || !isReadableByOthers(stats)) return []
  const what = 'the token stands in a file that others may read'
  return [`${places.full(path, 'value')}: ${what}; chmod 600 it, or use \${VAR} or file:PATH`]
}

function ofServer(document: Document, places: Places, server: Path): string[] {
  const sandbox = [...server, 'sandbox']
  const name = String(valueAt(document.filled, [...server, 'name']))
  const warnings: string[] = []
  if (valueAt(document.filled, [...sandbox, 'enabled']) === false) {
    warnings.push(`${places.full([...sandbox, 'enabled'], 'value')}: server "${name}" runs without a sandbox`)
  } else if (valueAt(document.filled, [...sandbox, 'allow_gateway_access']) === true) {
    const place = places.full([...sandbox, 'allow_gateway_access'], 'value')
    warnings.push(`${place}: server "${name}" can call this gateway`)
  }
  if (valueAt(document.filled, [...server, 'instance']) === 'shared') {
    warnings.push(`${places.full([...server, 'instance'], 'value')}: all callers share the copies of server "${name}"`)
  }
  return warnings
}
