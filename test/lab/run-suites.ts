/** Suites of tests, each on each kernel as each user, in a machine of its own. */

import { countTap } from '../support/tap-counts.ts'
import type { Cache } from './cache.ts'
import { type Outcome, runInGuest } from './guest.ts'
import type { Job } from './job.ts'
import type { Kernel } from './kernels.ts'
import { prepare } from './prepare.ts'
import type { Suite } from './suites.ts'
import { nodeIn, prepareSystem } from './system.ts'
import type { GuestUser } from './users.ts'

export interface Row {
  readonly kernel: string
  readonly user: string
  readonly suite: string
  readonly passed: number
  readonly failed: number
  readonly seconds: number
  readonly failures: readonly string[]
}

/** A suite that a kernel is not for. */
export interface LeftOut {
  readonly kernel: string
  readonly suite: string
  readonly reason: string
}

export interface Matrix {
  readonly rows: readonly Row[]
  readonly leftOut: readonly LeftOut[]
}

export interface Choice {
  readonly kernels: readonly Kernel[]
  readonly users: readonly GuestUser[]
  readonly suites: readonly Suite[]
}

const memoryMb = 1024
/** From the machine's start. In software, JavaScript is some fifteen times slower. */
const timeoutsMs = { uml: 1_200_000, qemu: 3_600_000 }

export interface Progress {
  /** How many guests run at once. */
  readonly guests: number
  /** Those that an earlier run ended, which are not run again. */
  readonly known: readonly Row[]
  /** Hears of each other one as it ends. */
  readonly onRow: (row: Row) => void
}

interface Cell {
  readonly kernel: Kernel
  readonly suite: Suite
  readonly user: GuestUser
}

/** The rows are in the order of kernels, suites and users, however they ended. */
export async function runSuites(choice: Choice, cache: Cache, { guests, known, onRow }: Progress): Promise<Matrix> {
  const cells = cellsOf(choice)
  const rows = cells.map((cell) => known.find((row) => isOf(cell, row)))
  const waiting = [...cells.entries()].filter(([index]) => rows[index] === undefined)
  const lanes = Array.from({ length: guests }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const row = await runCell(next[1], cache)
      rows[next[0]] = row
      onRow(row)
    }
  })
  await Promise.all(lanes)
  const leftOut = choice.kernels.flatMap((kernel) => leftOutBy(kernel, choice.suites))
  return { rows: rows.filter((row) => row !== undefined), leftOut }
}

function cellsOf({ kernels, suites, users }: Choice): Cell[] {
  return kernels.flatMap((kernel) => {
    const own = suites.filter(({ reasonAgainst }) => reasonAgainst(kernel) === null)
    return own.flatMap((suite) => usersOf(suite, users, kernel).map((user) => ({ kernel, suite, user })))
  })
}

function usersOf(
  { only, reasonAgainstRoot }: Suite,
  users: readonly GuestUser[],
  kernel: Kernel,
): readonly GuestUser[] {
  const hasRoot = (reasonAgainstRoot?.(kernel) ?? null) === null
  return users.filter(({ name }) => name === (only ?? name) && (hasRoot || name !== 'root'))
}

function isOf({ kernel, suite, user }: Cell, row: Row): boolean {
  return row.kernel === kernel.name && row.suite === suite.name && row.user === user.name
}

async function runCell({ kernel, suite, user }: Cell, cache: Cache): Promise<Row> {
  const machine = await prepare(kernel, cache)
  const system = suite.boots === 'systemd' ? await prepareSystem(cache) : null
  const outcome = await runInGuest(machine, jobFor(kernel, user, suite, system))
  return { kernel: kernel.name, user: user.name, suite: suite.name, ...judge(outcome) }
}

function leftOutBy(kernel: Kernel, suites: readonly Suite[]): LeftOut[] {
  return suites.flatMap(({ name, reasonAgainst, reasonAgainstRoot }) => {
    const againstRoot = reasonAgainstRoot?.(kernel) ?? null
    const reason = reasonAgainst(kernel) ?? (againstRoot && `as root, ${againstRoot}`)
    return reason === null ? [] : [{ kernel: kernel.name, suite: name, reason }]
  })
}

const runEach = 'status=0; node=$1; shift; for file; do "$node" "$file" || status=1; done; exit $status'

function jobFor(kernel: Kernel, { uid }: GuestUser, { files, sysctls }: Suite, system: string | null): Job {
  const timeoutMs = timeoutsMs[kernel.machine]
  const own = files.filter((file) => uid === 0 || !file.endsWith('.root'))
  const compiled = own.map((file) => `dist/test/${file}.test.js`)
  return {
    system,
    command: ['sh', '-c', runEach, 'sh', nodeIn(system), ...compiled],
    uid,
    environment: { MCPO_LAB_KERNEL: kernel.name, MCPO_MUST_ENFORCE: '1', TAP_TIMEOUT: String(timeoutMs / 1000) },
    sysctls,
    memoryMb,
    timeoutMs,
  }
}

/** A run that came to no good end has failed, also when no test of it did. */
function judge({ code, lines, seconds }: Outcome): Pick<Row, 'passed' | 'failed' | 'failures' | 'seconds'> {
  const counts = countTap(lines)
  if (code === 0 && counts.passed + counts.failed > 0) return { ...counts, seconds }
  if (counts.failed > 0 && code !== null) return { ...counts, seconds }
  const ending = code === null ? 'the machine ended, or its time was up' : `it ended with ${code}`
  const failures = [...counts.failures, `${ending}; the last lines:\n${lines.slice(-25).join('\n')}`]
  return { passed: counts.passed, failed: failures.length, failures, seconds }
}
