import type { Instance } from './instance.ts'

/** The copies of a modern server: one for each owner, and one that was started to ask the server and belongs to nobody yet. */
export class SharedCopies {
  private readonly copies = new Map<string | null, Promise<Instance>>()
  private readonly start: () => Promise<Instance>
  private spare: Instance | null = null

  constructor(start: () => Promise<Instance>) {
    this.start = start
  }

  /** An owner's copy; started again when it is gone. `null` owns what everyone shares. */
  async of(owner: string | null): Promise<Instance> {
    const copy = this.copies.get(owner) ?? this.begin(owner)
    const instance = await copy
    if (instance.alive) return instance
    this.forget(owner, copy)
    return this.of(owner)
  }

  /** A copy that already runs: for the first owner who needs one, and ended when there are others. */
  offer(instance: Instance): void {
    if (this.copies.size === 0 && this.spare?.alive !== true) this.spare = instance
    else void instance.stop('was one too many')
  }

  private begin(owner: string | null): Promise<Instance> {
    const spare = this.spare
    this.spare = null
    const copy = spare?.alive === true ? Promise.resolve(spare) : this.start()
    this.copies.set(owner, copy)
    const forget = () => this.forget(owner, copy)
    copy.then((instance) => void instance.closed.then(forget), forget)
    return copy
  }

  private forget(owner: string | null, copy: Promise<Instance>): void {
    if (this.copies.get(owner) === copy) this.copies.delete(owner)
  }
}
