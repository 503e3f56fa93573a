/** One server's own control group: its folder, the lock that says whose it is, and its end. */
import type { Limits } from '../../policy/model.ts'
import type { LimitHit, Usage } from '../model.ts'
import { endGroup } from './end.ts'
import type { CgroupFiles } from './files.ts'
import { readHits, readUsage } from './usage.ts'

/** What is known of a server when it has ended. */
export interface LeafReport {
  readonly hits: readonly LimitHit[]
  readonly usage: Usage
}

export class Leaf {
  /** Of the folder, for `spawn`. Holds the lock. */
  readonly fd: number
  readonly folder: string
  readonly #limits: Limits
  readonly #files: CgroupFiles
  readonly #onEnd: () => void
  #end: Promise<LeafReport> | undefined

  constructor(folder: string, fd: number, limits: Limits, files: CgroupFiles, onEnd: () => void) {
    this.folder = folder
    this.fd = fd
    this.#limits = limits
    this.#files = files
    this.#onEnd = onEnd
  }

  hits(): Promise<readonly LimitHit[]> {
    return readHits(this.folder, this.#limits, this.#files)
  }

  /** Reads what it counted, ends whatever is left in it and removes it. Safe to call twice. Never rejects. */
  end(): Promise<LeafReport> {
    this.#end ??= this.#endNow()
    return this.#end
  }

  async #endNow(): Promise<LeafReport> {
    const hits = await this.hits()
    const usage = await readUsage(this.folder, this.#files)
    // A folder that cannot be removed is the next start's to remove: its lock ends here.
    await endGroup(this.folder, this.#files).catch(() => false)
    this.#files.unlock(this.fd)
    this.#onEnd()
    return { hits, usage }
  }
}
