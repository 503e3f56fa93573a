/** The scenarios that are known to fail, each with its reason: expected-failures.yml. */
import { readFile } from 'node:fs/promises'
import type { ScenarioResult } from './scenarios.ts'

/** From the name of a run to its scenarios to the reason. */
export type Expectations = ReadonlyMap<string, ReadonlyMap<string, string>>

export type Verdict = 'passed' | 'failed' | 'failed as expected' | 'passed unexpectedly'

const file = new URL('../../../test/conformance/expected-failures.yml', import.meta.url)

export async function readExpectations(): Promise<Expectations> {
  return parseExpectations(await readFile(file, 'utf8'))
}

/** A small subset of YAML: runs as keys, below each its scenarios with a reason on the same line. */
export function parseExpectations(text: string): Expectations {
  const runs = new Map<string, Map<string, string>>()
  let current: Map<string, string> | undefined
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#.*)?$/.test(line)) continue
    const run = /^([\w/-]+):$/.exec(line)?.[1]
    const [, scenario, reason] = /^ {2}([\w-]+): (\S.*)$/.exec(line) ?? []
    if (run !== undefined) {
      current = runs.get(run) ?? new Map()
      runs.set(run, current)
    } else if (scenario !== undefined && reason !== undefined && current !== undefined) current.set(scenario, reason)
    else throw new Error(`expected-failures.yml:${index + 1}: expected "run:" or "  scenario: reason", not: ${line}`)
  }
  return runs
}

/** An expectation that does not hold any more is a failure as well, so that the list stays true. */
export function judge(run: string, { scenario, passed }: ScenarioResult, expectations: Expectations): Verdict {
  const expected = expectations.get(run)?.has(scenario) === true
  if (passed) return expected ? 'passed unexpectedly' : 'passed'
  return expected ? 'failed as expected' : 'failed'
}

/** Names of runs and scenarios that no longer exist, which would otherwise hide in the list. */
export function unknownExpectations(
  expectations: Expectations,
  known: ReadonlyMap<string, readonly string[]>,
): string[] {
  return [...expectations].flatMap(([run, scenarios]) => {
    const names = known.get(run)
    if (names === undefined) return [run]
    return [...scenarios.keys()].filter((scenario) => !names.includes(scenario)).map((scenario) => `${run} ${scenario}`)
  })
}
