/** What was downloaded and unpacked, kept between runs: a folder for each set of packages, complete or not there at all. */
import { chmod, mkdir, rename, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { withScratch } from './scratch.ts'

export class Cache {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  /** Made where it is missing. Refused when another user could have filled it: what lies there is executed. */
  static async open(folder = defaultFolder()): Promise<Cache> {
    const path = resolve(folder)
    await mkdir(path, { recursive: true, mode: 0o755 })
    const { uid, mode } = await stat(path)
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
      throw new Error(
        `the cache ${path} must belong to this user, and nobody else may write to it (--cache names another)`,
      )
    }
    return new Cache(path)
  }

  /** The folder `name`, filled by `fill` the first time. To have it filled again, remove it. */
  async folderFor(name: string, fill: (into: string) => Promise<void>): Promise<string> {
    const path = join(this.folder, name)
    if (await exists(path)) return path
    await withScratch({ parent: this.folder, name: `${name}.unfinished` }, async (unfinished) => {
      await fill(unfinished)
      await chmod(unfinished, 0o755)
      await rename(unfinished, path).catch(async (error: unknown) => {
        // Another run was quicker.
        if (!(await exists(path))) throw error
      })
    })
    return path
  }
}

function defaultFolder(): string {
  const caches = process.env['XDG_CACHE_HOME'] ?? ''
  return join(isAbsolute(caches) ? caches : join(homedir(), '.cache'), 'mcp-one-lab')
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}
