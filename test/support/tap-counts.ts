/** Counts what TAP says, in a file or on a console. */

export interface Counts {
  readonly passed: number
  readonly failed: number
  /** Each failed point with the diagnostics that follow it. */
  readonly failures: readonly string[]
}

const diagnosticLines = 25

/**
 * A skipped test proves nothing, and counts as failed: where this is used, only tests are run that the machine can do.
 * A parent's own line carries its time. Its children were counted, unless it ended before one of them failed.
 */
export function countTap(lines: readonly string[]): Counts {
  const points = lines.flatMap((line, index) => (/^ *(not )?ok \d+\b/.test(line) ? [{ line, index }] : []))
  const [parents, leaves] = [points.filter(isParent), points.filter((point) => !isParent(point))]
  const failedLeaves = leaves.filter(({ line }) => /^ *not ok/.test(line) || / # (SKIP|TODO)\b/i.test(line))
  const failed = failedLeaves.length > 0 ? failedLeaves : parents.filter(({ line }) => /^not ok/.test(line))
  const failures = failed.map(({ index }) => lines.slice(index, index + diagnosticLines).join('\n'))
  return { passed: leaves.length - failedLeaves.length, failed: failed.length, failures }
}

function isParent({ line }: { line: string }): boolean {
  return / # time=/.test(line)
}
