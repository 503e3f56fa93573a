import { valueAt } from '../document.ts'
import type { Path } from '../positions.ts'
import { at, cite, type Rule } from './rule.ts'

const certPath: Path = ['server', 'cert_path']
const keyPath: Path = ['server', 'key_path']

export const certAndKeyTogether: Rule = (document, places) => {
  const hasCert = valueAt(document.filled, certPath) !== undefined
  const hasKey = valueAt(document.filled, keyPath) !== undefined
  if (hasCert === hasKey) return []
  const [given, missing] = hasCert ? [certPath, 'key_path'] : [keyPath, 'cert_path']
  return [at(given, `${cite(document, places, given)} needs server.${missing}, which is missing`)]
}
