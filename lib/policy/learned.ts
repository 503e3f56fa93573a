/** From what a server was seen to use to the smallest policy that would have sufficed. Pure. */
import { isBelow, isInside, parentOf } from './paths.ts'

/** So many files of one folder are the folder. */
const manyFiles = 5
/** `/home/user` is nobody's working folder; what lies deeper may be one. */
const leastDepth = 3

/** Lines of `filesystem`: what each access needed, without what another line has already. */
export function smallestFilesystem(needed: readonly string[]): string[] {
  const rw = outermost(needed.filter((line) => !line.endsWith(':ro')))
  const ro = needed.flatMap((line) => (line.endsWith(':ro') ? [line.slice(0, -':ro'.length)] : []))
  const left = gathered(ro).filter((path) => !rw.some((folder) => isInside(path, folder)))
  return [...rw, ...outermost(left).map((path) => `${path}:ro`)].sort()
}

/** Lines of `network`. */
export function smallestNetwork(destinations: readonly string[]): string[] {
  return [...new Set(destinations)].sort()
}

/** Folders in place of many of their files, again and again. */
function gathered(paths: readonly string[]): string[] {
  const byFolder = new Map<string, Set<string>>()
  for (const path of paths) {
    const folder = parentOf(path)
    byFolder.set(folder, (byFolder.get(folder) ?? new Set()).add(path))
  }
  const next = [...byFolder].flatMap(([folder, files]) => {
    const isMany = files.size >= manyFiles && folder.split('/').length > leastDepth
    return isMany ? [folder] : [...files]
  })
  const unique = [...new Set(next)]
  return unique.length < new Set(paths).size ? gathered(unique) : unique
}

function outermost(paths: readonly string[]): string[] {
  const unique = [...new Set(paths)]
  return unique.filter((path) => !unique.some((other) => isBelow(path, other)))
}
