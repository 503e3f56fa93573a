import { type Document, nameOf, valueAt } from '../document.ts'
import type { Path } from '../positions.ts'
import { isRemote } from './remote.ts'
import { at, cite, type Rule, serverPaths } from './rule.ts'

/** Whether podman or docker runs the server. */
export function isContainer(document: Document, server: Path): boolean {
  return !isRemote(document, server) && valueAt(document.filled, [...server, 'sandbox', 'type']) === 'container'
}

export const containerHasImage: Rule = (document, places) =>
  serverPaths(document).flatMap((server) => {
    const image = [...server, 'sandbox', 'image']
    const type = [...server, 'sandbox', 'type']
    const hasImage = valueAt(document.filled, image) !== undefined
    if (isRemote(document, server) || hasImage === isContainer(document, server)) return []
    if (!hasImage)
      return [at(type, `${cite(document, places, type)} needs ${nameOf(document, image)}, which is missing`)]
    return [
      at(
        image,
        `${nameOf(document, image)} has no effect beside ${cite(document, places, type, 'default')}; write type = "container"`,
      ),
    ]
  })

/** A container has the image's tree and none of the gateway's environment; and without a sandbox there is none. */
export const containerKeepsApart: Rule = (document, places) =>
  serverPaths(document).flatMap((server) => {
    if (!isContainer(document, server)) return []
    const type = cite(document, places, [...server, 'sandbox', 'type'])
    const refused: [key: string, values: unknown[], instead: string][] = [
      ['filesystem', ['host-readonly', 'full'], 'list the paths that the container is to see'],
      ['env_inherit', [true], 'name the variables in env'],
      ['enabled', [false], 'leave it out'],
    ]
    return refused.flatMap(([key, values, instead]) => {
      const path = [...server, 'sandbox', key]
      if (!values.includes(valueAt(document.filled, path))) return []
      return [at(path, `${cite(document, places, path)} disagrees with ${type}; ${instead}`)]
    })
  })

export const containerFolderIsAbsolute: Rule = (document) =>
  serverPaths(document).flatMap((server) => {
    const path = [...server, 'cwd']
    const cwd = valueAt(document.filled, path)
    if (!isContainer(document, server) || typeof cwd !== 'string' || cwd.startsWith('/')) return []
    return [at(path, `${nameOf(document, path)} is a folder of the image: expected an absolute path`)]
  })
