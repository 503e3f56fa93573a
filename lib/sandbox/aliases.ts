/**
 * The same files under another path: a file system that is mounted twice, or a folder that is bound elsewhere. What is
 * protected under one path must be so under every other. Pure.
 */
import { isInside } from '../policy/paths.ts'
import type { Mount } from './mountinfo.ts'

/** Other paths of `path`, which is canonical, and of what is in it. */
export function aliasesOf(path: string, mounts: readonly Mount[]): string[] {
  const own = mounts.filter(({ point }) => isInside(path, point)).sort((a, b) => b.point.length - a.point.length)[0]
  if (own === undefined) return []
  const inside = join(own.root, relative(path, own.point))
  const others = mounts.filter((mount) => mount !== own && mount.device === own.device)
  const found = others.flatMap(({ root, point }) => {
    if (isInside(inside, root)) return [join(point, relative(inside, root))]
    return isInside(root, inside) ? [point] : []
  })
  return [...new Set(found)].filter((alias) => !isInside(alias, path))
}

/** Empty for the folder itself. */
function relative(path: string, folder: string): string {
  return path.slice(folder === '/' ? 1 : folder.length + 1)
}

function join(folder: string, name: string): string {
  if (name === '') return folder
  return folder === '/' ? `/${name}` : `${folder}/${name}`
}
