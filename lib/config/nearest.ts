/** The candidate that a typing slip most likely meant, or `null` when none is within a third of its length (at least 1). */
export function nearestName(name: string, candidates: readonly string[]): string | null {
  const given = name.slice(0, 64).toLowerCase()
  let nearest: string | null = null
  let smallest = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = editDistance(given, candidate)
    const limit = Math.max(1, Math.floor(candidate.length / 3))
    if (distance > limit || distance >= smallest) continue
    nearest = candidate
    smallest = distance
  }
  return nearest
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swap = swapped ? at(beforeLast, j - 2) + 1 : Number.POSITIVE_INFINITY
      row.push(Math.min(substituted, swap, at(last, j) + 1, at(row, j - 1) + 1))
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
