import { nameOf, valueAt } from '../document.ts'
import type { Path } from '../positions.ts'
import { isContainer } from './container.ts'
import { isRemote } from './remote.ts'
import { at, cite, type Rule, serverPaths } from './rule.ts'

export const namesAreUnique: Rule = (document, places) => {
  const first = new Map<string, Path>()
  return serverPaths(document).flatMap((server) => {
    const path = [...server, 'name']
    const name = valueAt(document.filled, path)
    if (typeof name !== 'string') return []
    const earlier = first.get(name)
    if (earlier === undefined) {
      first.set(name, path)
      return []
    }
    return [at(path, `the server name "${name}" is taken already (${places.short(earlier)})`)]
  })
}

export const localServerHasCommand: Rule = (document) =>
  serverPaths(document).flatMap((server) => {
    if (isRemote(document, server) || isContainer(document, server)) return []
    if (valueAt(document.filled, [...server, 'command']) !== undefined) return []
    const path = [...server, 'command']
    return [at(path, `${nameOf(document, path)} is missing: expected the program that starts the server`)]
  })

/** One path with two accesses would leave it to the order which holds. */
export const grantsAreUnique: Rule = (document, places) =>
  serverPaths(document).flatMap((server) => {
    const list = [...server, 'sandbox', 'filesystem']
    const grants = valueAt(document.filled, list)
    if (!Array.isArray(grants)) return []
    const first = new Map<unknown, number>()
    return grants.flatMap((grant: unknown, index) => {
      const folder = typeof grant === 'string' ? grant.replace(/:ro$/, '') : grant
      const earlier = first.get(folder)
      if (earlier === undefined) {
        first.set(folder, index)
        return []
      }
      const path = [...list, index]
      return [
        at(path, `${cite(document, places, path)} is granted already by ${cite(document, places, [...list, earlier])}`),
      ]
    })
  })
