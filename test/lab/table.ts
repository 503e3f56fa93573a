/** The matrix for people. */
import type { Matrix, Row } from './run-suites.ts'

const heads = ['kernel', 'suite', 'user', 'passed', 'failed', 'seconds'] as const

/** A line for each run, and one with the reason for each suite that a kernel is not for. */
export function table({ rows, leftOut }: Matrix): string {
  const cells = rows.map((row) =>
    heads.map((head) => (head === 'seconds' ? row.seconds.toFixed(1) : String(row[head]))),
  )
  const reasons = leftOut.map(({ kernel, suite, reason }) => [kernel, suite, `not for this kernel: ${reason}`])
  const lines = [[...heads], ...cells]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return [...lines, ...reasons]
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
