/**
 * A path of one server that another one may exchange: a granted folder below what the other may write, a program in it.
 * Compared as written and with symbolic links resolved. What the program loads besides is compared when it starts.
 */
import { realpath } from 'node:fs/promises'
import { isBelow, isInside } from '../policy/paths.ts'
import { type Document, type Places, type Problem, valueAt } from './document.ts'
import { absolutePath } from './paths.ts'
import type { Path } from './positions.ts'
import { isContainer } from './rules/container.ts'
import { isRemote } from './rules/remote.ts'
import { at, cite, serverPaths } from './rules/rule.ts'

interface Use {
  readonly server: Path
  readonly setting: Path
  readonly kind: 'command' | 'ro' | 'rw'
  /** As written, and where it really is. */
  readonly paths: readonly string[]
}

export async function checkOverlaps(
  document: Document,
  places: Places,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Problem[]> {
  const local = serverPaths(document).filter((server) => !isRemote(document, server))
  const uses = await Promise.all(local.flatMap((server) => usesOf(document, server, folder, env)))
  return uses.flatMap((use) => {
    const other = uses.find((each) => each.kind === 'rw' && each.server !== use.server && reaches(each, use))
    return other === undefined ? [] : [problem(document, places, use, other)]
  })
}

function usesOf(document: Document, server: Path, folder: string, env: NodeJS.ProcessEnv): Promise<Use>[] {
  const use = async (setting: Path, kind: Use['kind'], written: string): Promise<Use> => {
    const path = absolutePath(written, folder, env)
    const real = await realpath(path).catch(() => path)
    return { server, setting, kind, paths: [...new Set([path, real])] }
  }
  // In a container it is a path of the image.
  const command = isContainer(document, server) ? undefined : valueAt(document.filled, [...server, 'command'])
  const list = valueAt(document.filled, [...server, 'sandbox', 'filesystem'])
  const grants: unknown[] = Array.isArray(list) ? list : []
  return [
    ...(typeof command === 'string' && command.includes('/') ? [use([...server, 'command'], 'command', command)] : []),
    ...grants.flatMap((grant, index) => {
      if (typeof grant !== 'string') return []
      const setting = [...server, 'sandbox', 'filesystem', index]
      return [grant.endsWith(':ro') ? use(setting, 'ro', grant.slice(0, -':ro'.length)) : use(setting, 'rw', grant)]
    }),
  ]
}

/** The same folder granted to both is one that neither can exchange. */
function reaches(writer: Use, use: Use): boolean {
  const within = use.kind === 'command' ? isInside : isBelow
  return use.paths.some((path) => writer.paths.some((folder) => within(path, folder)))
}

function problem(document: Document, places: Places, use: Use, writer: Use): Problem {
  const name = String(valueAt(document.filled, [...writer.server, 'name']))
  const what =
    use.kind === 'command'
      ? `is a program that server "${name}" may rewrite`
      : `lies below what server "${name}" may write, which could lead it elsewhere`
  const remedy = use.kind === 'command' ? 'move one of them' : 'grant both the same folder, or move one of them'
  return at(
    use.setting,
    `${cite(document, places, use.setting)} ${what}: ${cite(document, places, writer.setting)}; ${remedy}`,
  )
}
