/** Rows of the matrix in a file, one a line, so that a run that was ended, or a part of the matrix, can be gone on from. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Row } from './run-suites.ts'

export class RowFile {
  readonly #path: string | null

  /** `null`: nothing is kept. */
  constructor(path: string | null) {
    this.#path = path
  }

  rows(): Row[] {
    if (this.#path === null || !existsSync(this.#path)) return []
    const lines = readFileSync(this.#path, 'utf8').split('\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line) as Row) // It is a file of ours.
  }

  keep(row: Row): void {
    if (this.#path !== null) appendFileSync(this.#path, `${JSON.stringify(row)}\n`)
  }
}
