/** Counts what TAP on a console says. A parent's own line carries its time; its children were counted. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  /** Each failed point with the diagnostics that follow it. */
  readonly failures: readonly string[]
}

const diagnosticLines = 25

/** A skipped test proves nothing, and counts as failed: suites ask only for what the kernel can do. */
export function countTap(lines: readonly string[]): Counts {
  const failures: string[] = []
  let passed = 0
  lines.forEach((line, index) => {
    const point = /^ *(not )?ok \d+\b/.exec(line)
    if (point === null || / # time=/.test(line)) return
    if (point[1] === undefined && !/ # (SKIP|TODO)\b/i.test(line)) passed += 1
    else failures.push(lines.slice(index, index + diagnosticLines).join('\n'))
  })
  return { passed, failed: failures.length, failures }
}
