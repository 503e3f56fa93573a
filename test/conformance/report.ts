/** What came out, for people and for programs. */
import type { Expectations, Verdict } from './expectations.ts'
import type { ScenarioResult } from './scenarios.ts'

export interface Judged extends ScenarioResult {
  readonly verdict: Verdict
}

export interface RunReport {
  /** Target and revision: dual/2026-07-28. */
  readonly run: string
  readonly results: readonly Judged[]
}

export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly expected: number
}

const cells: Readonly<Record<Verdict, string>> = {
  passed: 'ok',
  failed: 'FAIL',
  'failed as expected': 'expected',
  'passed unexpectedly': 'STALE',
}

/** A row per scenario, a column per run; below, how many of the scored scenarios passed. */
export function table(reports: readonly RunReport[]): string {
  const scenarios = [...new Set(reports.flatMap(({ results }) => results.map(({ scenario }) => scenario)))]
  const header = ['scenario', ...reports.map(({ run }) => run)]
  const rows = scenarios.map((scenario) => [scenario, ...reports.map((report) => cellOf(report, scenario))])
  const totals = ['scored', ...reports.map(({ results }) => scoreOf(results))]
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows, totals].map((row) => row[column]?.length ?? 0)),
  )
  const format = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const line = widths.map((width) => '-'.repeat(width)).join('  ')
  return [format(header), line, ...rows.map(format), line, format(totals)].join('\n')
}

/** Each check that failed or warns, with the reason where it was expected. */
export function details(reports: readonly RunReport[], expectations: Expectations): string {
  const lines = reports.flatMap(({ run, results }) => {
    return results.flatMap((result) => linesOf(run, result, expectations.get(run)?.get(result.scenario)))
  })
  return lines.join('\n')
}

export function totalsOf(reports: readonly RunReport[]): Totals {
  const verdicts = reports.flatMap(({ results }) => results.map(({ verdict }) => verdict))
  const count = (...wanted: Verdict[]) => verdicts.filter((verdict) => wanted.includes(verdict)).length
  return {
    passed: count('passed'),
    failed: count('failed', 'passed unexpectedly'),
    expected: count('failed as expected'),
  }
}

function cellOf({ results }: RunReport, wanted: string): string {
  const result = results.find(({ scenario }) => scenario === wanted)
  if (result === undefined) return ''
  const warned = result.warnings.length > 0 ? ' !' : ''
  return `${cells[result.verdict]}${warned}${result.scored ? '' : ' (not scored)'}`
}

function scoreOf(results: readonly ScenarioResult[]): string {
  const scored = results.filter((result) => result.scored)
  return `${scored.filter(({ passed }) => passed).length}/${scored.length}`
}

function linesOf(run: string, result: Judged, reason: string | undefined): string[] {
  const title = `${run} ${result.scenario}`
  switch (result.verdict) {
    case 'passed':
      return result.warnings.map(({ id, message }) => `warning  ${title} ${id}: ${message}`)
    case 'failed as expected':
      return [`expected ${title}: ${reason}`]
    case 'passed unexpectedly':
      return [`STALE    ${title}: passes, so it must leave expected-failures.yml (${reason})`]
    case 'failed':
      return failuresOf(result).map(({ id, message }) => `FAILED   ${title} ${id}: ${message}`)
  }
}

function failuresOf({ failures }: ScenarioResult) {
  return failures.length > 0 ? failures : [{ id: 'nothing-tested', message: 'No check of this scenario could be made' }]
}
