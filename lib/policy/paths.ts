/** Arithmetic on absolute, normalised POSIX paths. No file system is asked. */

/** `path` is `folder` or stands below it. */
export function isInside(path: string, folder: string): boolean {
  return path === folder || isBelow(path, folder)
}

/** `path` stands below `folder`, and is not `folder` itself. */
export function isBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? '/' : path.slice(0, slash)
}

/** The folders strictly between `outer` and `path`, outermost first. Empty when `path` is not below `outer`. */
export function foldersBetween(outer: string, path: string): string[] {
  const found: string[] = []
  if (!isBelow(path, outer)) return found
  for (let folder = parentOf(path); folder !== outer && folder !== '/'; folder = parentOf(folder)) found.unshift(folder)
  return found
}

/** Sorts parents before what is in them, and else by name, so that the order never depends on the input's. */
export function parentsFirst(a: string, b: string): number {
  const byDepth = depthOf(a) - depthOf(b)
  if (byDepth !== 0) return byDepth
  return a < b ? -1 : a > b ? 1 : 0
}

function depthOf(path: string): number {
  return path === '/' ? 0 : path.split('/').length - 1
}
