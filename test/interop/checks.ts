import { deepStrictEqual } from 'node:assert'

const maxShown = 1500

/** Counts what held and keeps what did not. */
export class Checks {
  passed = 0
  private readonly only: readonly string[]
  private readonly failures: string[] = []

  /** `only`: the checks whose name has one of these in it; none: all. */
  constructor(only: readonly string[]) {
    this.only = only
  }

  get failed(): number {
    return this.failures.length
  }

  has(name: string): boolean {
    return this.only.length === 0 || this.only.some((text) => name.includes(text))
  }

  equal(name: string, actual: unknown, expected: unknown): void {
    try {
      deepStrictEqual(actual, expected)
      this.passed += 1
    } catch (error) {
      this.fail(name, error)
    }
  }

  fail(name: string, error: unknown): void {
    this.failures.push(`${name}\n${String(error instanceof Error ? error.message : error).slice(0, maxShown)}`)
  }

  report(): string {
    return this.failures.map((failure) => `FAILED ${failure}\n`).join('\n')
  }
}
