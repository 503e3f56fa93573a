/** The matrix for people. */
import type { Row } from './run-suites.ts'

const heads = ['kernel', 'user', 'suite', 'passed', 'failed', 'seconds'] as const

export function table(rows: readonly Row[]): string {
  const cells = rows.map((row) =>
    heads.map((head) => (head === 'seconds' ? row.seconds.toFixed(1) : String(row[head]))),
  )
  const lines = [[...heads], ...cells]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What failed, under a line that says where. */
export function failuresOf(rows: readonly Row[]): string {
  const failed = rows.filter(({ failures }) => failures.length > 0)
  return failed
    .map(({ kernel, user, suite, failures }) => [`${kernel}, ${user}, ${suite}:`, ...failures].join('\n'))
    .join('\n\n')
}
