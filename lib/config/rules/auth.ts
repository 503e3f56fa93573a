import { isIP } from 'node:net'
import { type Document, valueAt } from '../document.ts'
import type { Path } from '../positions.ts'
import { at, cite, type Rule } from './rule.ts'

const typePath: Path = ['auth', 'type']
const aliasPath: Path = ['auth', 'auth_type']
const tokenPath: Path = ['auth', 'token']
const switchPath: Path = ['features', 'auth']
const hostPath: Path = ['server', 'host']

/** The path of whichever name the type was given by. */
export function authTypePath(document: Document): Path {
  return valueAt(document.filled, typePath) === undefined && valueAt(document.filled, aliasPath) !== undefined
    ? aliasPath
    : typePath
}

export function authTypeOf(document: Document): unknown {
  return valueAt(document.filled, authTypePath(document)) ?? 'none'
}

export const typeAndAliasAgree: Rule = (document, places) => {
  const type = valueAt(document.filled, typePath)
  const alias = valueAt(document.filled, aliasPath)
  if (type === undefined || alias === undefined || type === alias) return []
  const both = `${cite(document, places, aliasPath)} disagrees with ${cite(document, places, typePath)}`
  return [at(aliasPath, `${both}; they are one setting, write it once`)]
}

export const switchAgreesWithType: Rule = (document, places) => {
  const isOn = valueAt(document.filled, switchPath)
  const type = authTypeOf(document)
  if (typeof isOn !== 'boolean' || isOn === (type !== 'none')) return []
  const other = cite(document, places, authTypePath(document), 'none')
  return [at(switchPath, `${cite(document, places, switchPath)} disagrees with ${other}`)]
}

export const staticHasToken: Rule = (document, places) => {
  const type = authTypeOf(document)
  const hasToken = valueAt(document.filled, tokenPath) !== undefined
  const typePlace = authTypePath(document)
  if (type === 'static' && !hasToken)
    return [at(typePlace, `${cite(document, places, typePlace)} needs auth.token, which is missing`)]
  if (type !== 'none' || !hasToken) return []
  const both = `auth.token disagrees with ${cite(document, places, typePlace, 'none')}`
  return [at(tokenPath, `${both}: nobody would be asked for the token; write type = "static"`)]
}

/** Whoever reaches the port may start programs: without a token, only this machine. */
export const openHostNeedsAuth: Rule = (document, places) => {
  const host = valueAt(document.filled, hostPath)
  if (typeof host !== 'string' || isLoopback(host) || authTypeOf(document) !== 'none') return []
  const type = cite(document, places, authTypePath(document), 'none')
  const what = `${cite(document, places, hostPath)} lets other machines call without a token, by ${type}`
  return [at(hostPath, `${what}; set auth.type = "static" with a token, or listen on 127.0.0.1`)]
}

function isLoopback(host: string): boolean {
  if (host.toLowerCase() === 'localhost' || host === '::1') return true
  return isIP(host) === 4 && host.startsWith('127.')
}
