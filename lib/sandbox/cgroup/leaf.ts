/** One server's own control group: its folder, the lock that says whose it is, and its end. */
import { posix } from 'node:path'
import type { Limits } from '../../policy/model.ts'
import type { LimitHit, LimitNear, Usage } from '../model.ts'
import { endGroup } from './end.ts'
import type { CgroupFiles } from './files.ts'
import { watchNearLimit } from './near-limit.ts'
import { readHits, readUsage } from './usage.ts'

/** The first refusal is told soon, further ones now and then: what a server can cause at will must not fill the log. */
const firstTellMs = 100
const nextTellMs = 30_000

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
  readonly #ending = new AbortController()
  #end: Promise<LeafReport> | undefined

  constructor(folder: string, fd: number, limits: Limits, files: CgroupFiles, onEnd: () => void) {
    this.folder = folder
    this.fd = fd
    this.#limits = limits
    this.#files = files
    this.#onEnd = onEnd
  }

  /** Tells of processes that were refused while the server lives on. Out of memory it does not: see `end`. */
  onHit(listener: (hit: LimitHit) => void): void {
    let timer: NodeJS.Timeout | undefined
    let waitMs = firstTellMs
    const tell = async (): Promise<void> => {
      timer = undefined
      waitMs = nextTellMs
      for (const hit of await this.#hits()) if (!this.#ending.signal.aborted) listener(hit)
    }
    const unwatch = this.#files.watch(posix.join(this.folder, 'pids.events'), () => {
      timer ??= setTimeout(tell, waitMs).unref()
    })
    this.#ending.signal.addEventListener('abort', () => {
      unwatch()
      clearTimeout(timer)
    })
  }

  /** Tells of memory before it runs out. To be called once, while the group has a memory.high. */
  onNear(listener: (near: LimitNear) => void): void {
    const { folder } = this
    const [limits, files, signal] = [this.#limits, this.#files, this.#ending.signal]
    void watchNearLimit({ folder, limits, files, signal, onNear: listener })
  }

  /** Reads what it counted, ends whatever is left in it and removes it. Safe to call twice. Never rejects. */
  end(): Promise<LeafReport> {
    this.#end ??= this.#endNow()
    return this.#end
  }

  #hits(): Promise<readonly LimitHit[]> {
    return readHits(this.folder, this.#limits, this.#files)
  }

  async #endNow(): Promise<LeafReport> {
    this.#ending.abort()
    const hits = await this.#hits()
    const usage = await readUsage(this.folder, this.#files)
    // A folder that cannot be removed is the next start's to remove: its lock ends here.
    await endGroup(this.folder, this.#files).catch(() => false)
    this.#files.unlock(this.fd)
    this.#onEnd()
    return { hits, usage }
  }
}
