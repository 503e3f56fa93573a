import type { ServerCopy } from './server-copy.ts'

/** What can be shared: something that ends. */
type Shareable = Pick<ServerCopy, 'alive' | 'closed' | 'stop'>

/** The shared copies of a server: one for each owner, and one that was started to ask the server and belongs to nobody yet. */
export class SharedCopies<Copy extends Shareable> {
  private readonly copies = new Map<string | null, Promise<Copy>>()
  private readonly start: () => Promise<Copy>
  private spare: Copy | null = null

  constructor(start: () => Promise<Copy>) {
    this.start = start
  }

  /** An owner's copy; started again when it is gone. `null` owns what everyone shares. */
  async of(owner: string | null): Promise<Copy> {
    const known = this.copies.get(owner)
    const running = await (known ?? this.begin(owner))
    // One that was just started is the answer even if it has ended: starting again would be a loop.
    if (running.alive || known === undefined) return running
    this.forget(owner, known)
    return this.of(owner)
  }

  /** A copy that already runs: for the first owner who needs one, and ended when there are others. */
  offer(running: Copy): void {
    if (this.copies.size === 0 && this.spare?.alive !== true) this.spare = running
    else void running.stop('was one too many')
  }

  private begin(owner: string | null): Promise<Copy> {
    const spare = this.spare
    this.spare = null
    const copy = spare?.alive === true ? Promise.resolve(spare) : this.start()
    this.copies.set(owner, copy)
    const forget = () => this.forget(owner, copy)
    copy.then((running) => void running.closed.then(forget), forget)
    return copy
  }

  private forget(owner: string | null, copy: Promise<Copy>): void {
    if (this.copies.get(owner) === copy) this.copies.delete(owner)
  }
}
