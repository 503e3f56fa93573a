/**
 * Collects what a program needs of the host. Shown without anybody having asked for it, so it must never be data: not
 * a home, not a folder of the top level, not a folder that holds the gateway's own secrets.
 */
import { basename, dirname, join } from 'node:path'
import type { PathLink, ProtectedPaths } from '../policy/layout.ts'
import { isBelow, isInside } from '../policy/paths.ts'
import { systemNames } from '../policy/rootfs.ts'

/** Package managers with one big store, of code only. */
const stores = ['/nix/store', '/gnu/store', '/home/linuxbrew/.linuxbrew', '/snap']

export class Exposure {
  readonly #mounts = new Set<string>()
  readonly #links = new Map<string, PathLink>()
  readonly #searchPath = new Set<string>()
  readonly #homes: readonly string[]
  readonly #protected: ProtectedPaths

  constructor(homes: readonly string[], protectedPaths: ProtectedPaths) {
    this.#homes = homes
    this.#protected = protectedPaths
  }

  get mounts(): readonly string[] {
    const all = [...this.#mounts].sort()
    return all.filter((path) => !all.some((other) => isBelow(path, other)))
  }

  get links(): readonly PathLink[] {
    return [...this.#links.values()]
  }

  get searchPath(): readonly string[] {
    return [...this.#searchPath]
  }

  /** A canonical path that is needed as it is, however narrow. */
  show(path: string): void {
    if (!isOfSystem(path)) this.#mounts.add(path)
  }

  /** The folder when it may be shown, and else the file alone. */
  showFolder(folder: string, file: string): void {
    this.show(this.maySee(folder) ? folder : file)
  }

  /** `written` leads to the canonical `path`. */
  link(written: string, path: string): void {
    if (written !== path && !isOfSystem(written)) this.#links.set(written, { path: written, to: path })
  }

  search(folder: string): void {
    if (!isOfSystem(folder)) this.#searchPath.add(folder)
  }

  /** Whether a path is visible inside, because of the system or of what was shown. */
  sees(path: string): boolean {
    return isOfSystem(path) || this.mounts.some((mount) => isInside(path, mount)) || this.#links.has(path)
  }

  /** Whether a folder may be shown although nobody asked for it. */
  maySee(folder: string): boolean {
    if (folder === '/' || dirname(folder) === '/') return false
    if (['.local', '.config', '.cache'].includes(basename(folder))) return false
    if (['/tmp', '/var/tmp', '/home', '/usr/local'].some((open) => isInside(open, folder))) return false
    if (this.#homes.some((home) => isInside(home, folder))) return false
    const { folders, hidden, secret } = this.#protected
    return (
      ![...folders, ...hidden, ...secret].some((own) => isInside(own, folder)) &&
      !hidden.some((own) => isBelow(folder, own))
    )
  }

  /** The store that a path is in, if any: shown whole, since its packages refer to each other. */
  storeOf(path: string): string | null {
    const store = stores.find((folder) => isBelow(path, folder))
    if (store !== undefined) return store
    const [, top, name] = path.split('/')
    return top === 'opt' && name !== undefined && dirname(path) !== '/opt' ? join('/opt', name) : null
  }
}

export function isOfSystem(path: string): boolean {
  return systemNames.some((folder) => isInside(path, folder))
}
