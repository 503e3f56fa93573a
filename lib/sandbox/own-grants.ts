/**
 * What a server wrote in its last run must not decide what its next run is shown. Its program may lie in a folder that it
 * may write; symbolic links and first lines there are then its own words, and lead out of that folder only to programs
 * of this machine, never to files, folders and packages.
 */
import { McpoError } from '../errors.ts'
import { isBelow, isInside } from '../policy/paths.ts'
import { canonical } from './canonical.ts'
import { isOfSystem } from './exposure.ts'
import { isProgram } from './look.ts'

export class OwnGrants {
  readonly #folders: readonly string[]

  private constructor(folders: readonly string[]) {
    this.#folders = folders
  }

  /** `writable`: the paths that the policy grants for writing. */
  static async of(writable: readonly string[]): Promise<OwnGrants> {
    return new OwnGrants((await Promise.all(writable.map(canonical))).map(({ path }) => path))
  }

  /** The outermost granted folder that holds a canonical path, or `null`. */
  around(path: string): string | null {
    return [...this.#folders].sort((a, b) => a.length - b.length).find((folder) => isInside(path, folder)) ?? null
  }

  /** Throws CONFIG_ERROR when a link that the server may write leads `written` out of its folders. */
  async demandNotLedOut(written: string): Promise<void> {
    const { path, links } = await canonical(written)
    const own = links.find((link) => this.#folders.some((folder) => isBelow(link, folder)))
    if (own !== undefined && !this.#isShownAnyway(path)) throw refusal(own, path)
  }

  /** The same, but it may lead to a program. */
  async demandProgram(written: string): Promise<void> {
    const { path } = await canonical(written)
    if (!(await isProgram(path))) await this.demandNotLedOut(written)
  }

  /** Throws CONFIG_ERROR when a script that the server may write names something other than a program for its interpreter. */
  async demandInterpreter(script: string, interpreter: string): Promise<void> {
    if (this.around(script) === null) return
    const { path } = await canonical(interpreter)
    if (!this.#isShownAnyway(path) && !(await isProgram(path))) throw refusal(script, path)
  }

  #isShownAnyway(path: string): boolean {
    return isOfSystem(path) || this.around(path) !== null
  }
}

function refusal(own: string, target: string): McpoError {
  return new McpoError(
    'CONFIG_ERROR',
    `${own}, which the server itself may write, leads to ${target}: a server must not choose what it is shown`,
    {
      hint: `grant ${target} with ":ro", or move the program out of the folder that is granted for writing`,
      data: { path: own, target },
    },
  )
}
