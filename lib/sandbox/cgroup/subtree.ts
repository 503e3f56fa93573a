/**
 * This process's part of the cgroup tree. Below the delegated group: `mcpo-gateway`, with what was in it before (a group
 * that has groups below it may hold no process itself), and `mcpo`, which holds a group for each running server. Each
 * gateway holds a shared lock on `mcpo`, and an exclusive one on the groups of its own servers.
 */
import { posix } from 'node:path'
import { McpoError } from '../../errors.ts'
import type { CgroupSetting } from '../../policy/cgroup.ts'
import type { CgroupController } from '../../policy/host.ts'
import type { Limits } from '../../policy/model.ts'
import { randomHex } from '../random.ts'
import { type CgroupFiles, codeOf } from './files.ts'
import { Leaf } from './leaf.ts'
import { leaveBehindNothing } from './leave.ts'

const maxAttempts = 5

export interface Entered {
  readonly delegated: { readonly folder: string; readonly isTop: boolean }
  /** `mcpo` below it. */
  readonly base: string
  readonly controllers: readonly CgroupController[]
  /** Of the shared lock on `base`. */
  readonly lock: number
}

export class Subtree {
  readonly #entered: Entered
  readonly #files: CgroupFiles
  readonly #leaves = new Set<Leaf>()
  #left: Promise<void> | undefined

  constructor(entered: Entered, files: CgroupFiles) {
    this.#entered = entered
    this.#files = files
  }

  get controllers(): readonly CgroupController[] {
    return this.#entered.controllers
  }

  /** A new group with these settings, empty and locked. Throws SANDBOX_ERROR. */
  async makeLeaf(name: string, settings: readonly CgroupSetting[], limits: Limits): Promise<Leaf> {
    for (let attempt = 1; ; attempt++) {
      const folder = posix.join(this.#entered.base, `${name}-${process.pid}-${randomHex(4)}`)
      try {
        return await this.#make(folder, settings, limits)
      } catch (error) {
        // Another gateway that starts may take it for one left behind, as long as it is not locked.
        const isTaken = ['ENOENT', 'ENODEV', 'EEXIST', 'EAGAIN'].includes(codeOf(error))
        if (!isTaken || attempt >= maxAttempts) throw cannotMake(name, folder, error)
      }
    }
  }

  /** Ends the groups that are left, and takes back what was changed if no other gateway uses it. Never rejects. */
  leave(): Promise<void> {
    this.#left ??= this.#leave()
    return this.#left
  }

  async #make(folder: string, settings: readonly CgroupSetting[], limits: Limits): Promise<Leaf> {
    const files = this.#files
    await files.makeFolder(folder)
    const fd = files.lock(folder, 'exclusive')
    if (fd === null) throw Object.assign(new Error(`${folder} is locked`), { code: 'EAGAIN' })
    const leaf = new Leaf(folder, fd, limits, files, () => this.#leaves.delete(leaf))
    this.#leaves.add(leaf)
    try {
      for (const { file, value, isOptional } of settings) {
        await files.write(posix.join(folder, file), value).catch((error: unknown) => {
          if (!isOptional || codeOf(error) !== 'ENOENT') throw error
        })
      }
      return leaf
    } catch (error) {
      await leaf.end()
      throw error
    }
  }

  async #leave(): Promise<void> {
    await Promise.all([...this.#leaves].map((leaf) => leaf.end()))
    this.#files.unlock(this.#entered.lock)
    await leaveBehindNothing(this.#entered, this.#files).catch(() => {})
  }
}

function cannotMake(name: string, folder: string, cause: unknown): McpoError {
  const errno = codeOf(cause)
  return new McpoError(
    'SANDBOX_ERROR',
    `cannot start ${name}: its control group cannot be made: ${errno}. Nothing was run`,
    {
      hint: 'run mcpo doctor',
      data: { step: 'cgroup', errno, detail: folder },
      cause,
    },
  )
}
