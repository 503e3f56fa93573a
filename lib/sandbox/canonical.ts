/** Paths with their symbolic links resolved, and which links those were. */
import { dirname, join, resolve } from 'node:path'
import { McpoError } from '../errors.ts'
import { linkTarget, lookAtLink, realPathOf } from './look.ts'

export interface Canonical {
  readonly path: string
  /** Where each symbolic link on the way lies, itself in canonical form. */
  readonly links: readonly string[]
}

const maxLinks = 40

/** Also for what does not exist: the part that does is resolved. */
export async function canonical(path: string): Promise<Canonical> {
  const written = resolve(path)
  // Most paths are there and lead through no link: one question instead of one for each part.
  return (await realPathOf(written)) === written ? { path: written, links: [] } : walk(written)
}

async function walk(path: string): Promise<Canonical> {
  const links: string[] = []
  let folder = '/'
  let names = partsOf(path)
  while (names.length > 0) {
    const here = join(folder, names[0] ?? '')
    names = names.slice(1)
    const stats = await lookAtLink(here)
    if (stats === null) return { path: join(here, ...names), links }
    if (!stats.isSymbolicLink()) {
      folder = here
      continue
    }
    links.push(here)
    if (links.length > maxLinks)
      throw new McpoError('CONFIG_ERROR', `${path} leads through more than ${maxLinks} symbolic links`)
    const target = resolve(dirname(here), (await linkTarget(here)) ?? '')
    names = [...partsOf(target), ...names]
    folder = '/'
  }
  return { path: folder, links }
}

function partsOf(path: string): string[] {
  return path.split('/').filter((name) => name !== '')
}
