/** Who may see which message, and who must: each carries a mark, `#12#`, and is seen once. */

/** One side of the play: the client `index`, the copies of servers that work for it, or nobody at all. */
export type By = 'client' | 'server' | 'nobody'

export interface Fate {
  readonly index: number
  readonly by: By
  /** The response or stream that it has to come on, if that is known. */
  readonly on: object | null
  /** False: something else may overtake it. */
  certain: boolean
}

export class Ledger {
  private readonly fates = new Map<string, Fate>()
  private count = 0

  /** The last mark that was given out. */
  get last(): string {
    return `#${this.count}#`
  }

  note(fate: Fate): string {
    this.count += 1
    this.fates.set(this.last, { ...fate })
    return this.last
  }

  /** From now on these may be lost. */
  loosen(concerns: (fate: Fate, mark: string) => boolean): void {
    for (const [mark, fate] of this.fates) if (concerns(fate, mark)) fate.certain = false
  }

  /** Somebody saw a text, on a response or stream. Throws when it was not for them, or not there, or not again. */
  judge(text: string, by: By, index: number | undefined, on: object | null): void {
    for (const mark of new Set(text.match(/#[0-9]+#/g))) {
      const fate = this.fates.get(mark)
      const seen = `${mark} was seen by ${by} ${index}`
      if (fate === undefined) throw new Error(`${seen}, and is no more to be seen`)
      if (fate.by !== by || fate.index !== index) throw new Error(`${seen}, and is for ${fate.by} ${fate.index}`)
      if (fate.certain && fate.on !== null && fate.on !== on) throw new Error(`${seen} on another response`)
      this.fates.delete(mark)
    }
  }

  /** Throws when somebody did not see what they had to. */
  close(): void {
    for (const [mark, { index, by, certain }] of this.fates) {
      if (certain && by !== 'nobody') throw new Error(`${mark}, for ${by} ${index}, was seen by nobody`)
    }
  }
}
