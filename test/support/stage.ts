import fc from 'fast-check'

/** For making a counterexample smaller. */
const shrinkMs = 10_000
/** Checked however long they take. */
const leastRuns = 20

/**
 * What properties run on, made when it is first needed. A run that failed may leave anything behind, so that the next
 * one (the shrinking) is given a new one.
 */
export class Stage<T> {
  private readonly open: () => Promise<T>
  private readonly close: (scene: T) => Promise<void>
  private readonly maxRunMs: number
  private current: Promise<T> | null = null

  /** `maxRunMs`: a run that takes longer waits for something that never comes. */
  constructor(open: () => Promise<T>, close: (scene: T) => Promise<void>, maxRunMs = 60_000) {
    this.open = open
    this.close = close
    this.maxRunMs = maxRunMs
  }

  /** Opens it, so that the time that takes is not the property's. */
  async ready(): Promise<void> {
    this.current ??= this.open()
    await this.current
  }

  /** Checks as many values as it is given time for, though a few in any case. Returns how many. Throws the counterexample. */
  async holds<V>(
    values: fc.Arbitrary<V>,
    check: (scene: T, value: V) => Promise<void>,
    { runs, ms }: { readonly runs: number; readonly ms: number },
  ): Promise<number> {
    let deadline = performance.now() + ms
    let done = 0
    const property = fc.asyncProperty(values, async (value) => {
      if (done >= leastRuns && performance.now() > deadline) return
      try {
        await this.run((scene) => check(scene, value))
        done += 1
      } catch (thrown) {
        if (done < runs) deadline = performance.now() + shrinkMs
        done = runs
        throw thrown
      }
    })
    await fc.assert(property, { numRuns: runs })
    return done
  }

  async stop(): Promise<void> {
    const scene = await this.current?.catch(() => null)
    this.current = null
    if (scene !== null && scene !== undefined) await this.close(scene)
  }

  private async run(check: (scene: T) => Promise<void>): Promise<void> {
    this.current ??= this.open()
    try {
      await inTime(check(await this.current), this.maxRunMs)
    } catch (thrown) {
      await this.stop()
      throw thrown
    }
  }
}

async function inTime(run: Promise<void>, maxRunMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing more came within ${maxRunMs} ms`)), maxRunMs)
  })
  await Promise.race([run, late]).finally(() => clearTimeout(timer))
}
