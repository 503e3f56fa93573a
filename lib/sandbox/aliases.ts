/**
 * The same files under another path: a file system that is mounted twice, or a folder that is bound elsewhere. What is
 * protected under one path must be so under every other. See proc_pid_mountinfo(5). Pure.
 */
import { isInside } from '../policy/paths.ts'

export interface Mount {
  readonly device: string
  /** Which folder of the file system is mounted. */
  readonly root: string
  /** Where. */
  readonly point: string
}

/** The text of /proc/self/mountinfo. Later mounts first: of two on one point the later one is seen. */
export function parseMounts(mountinfo: string): Mount[] {
  const mounts = mountinfo.split('\n').flatMap((line): Mount[] => {
    const [, , device, root, point] = line.split(' ')
    return device === undefined || root === undefined || point === undefined
      ? []
      : [{ device, root: unescaped(root), point: unescaped(point) }]
  })
  return mounts.reverse()
}

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

/** Space, tab, newline and backslash are written as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** Empty for the folder itself. */
function relative(path: string, folder: string): string {
  return path.slice(folder === '/' ? 1 : folder.length + 1)
}

function join(folder: string, name: string): string {
  if (name === '') return folder
  return folder === '/' ? `/${name}` : `${folder}/${name}`
}
