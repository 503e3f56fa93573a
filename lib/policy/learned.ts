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

/** A whole home, or a folder at the top: a policy is not made of these, whatever is in them stands for itself. */
export function isTooWide(line: string): boolean {
  return /^\/([^/]*|home\/[^/]+)$/.test(line.replace(/:ro$/, ''))
}

/** Of folders that were only looked at, those that would not be there: neither shown by a line, nor on the way to what one shows. */
export function missedFolders(lookedAt: readonly string[], lines: readonly string[]): string[] {
  const shown = lines.map((line) => line.replace(/:ro$/, ''))
  const isThere = (folder: string): boolean => shown.some((path) => isInside(folder, path) || isBelow(path, folder))
  return outermost(lookedAt.filter((folder) => !isThere(folder))).sort()
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
