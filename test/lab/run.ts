/**
 * Runs suites, or any command, under other kernels than the machine's: `npm run test:lab -- [--kernel NAME]… [--user NAME]…
 * [--suite NAME]… [--cache FOLDER] [--guests N] [--record FILE] [--json] [[--systemd] -- COMMAND]`. Kernels: kernels.ts. Suites:
 * suites.ts. Users: root, and user (uid 1000); either has a delegated subtree of cgroup v2. Without names, everything. Guests: how
 * many run at once. What FILE has of the matrix is not run again, and the rest is added to it. The status of a COMMAND is passed on;
 * with --systemd it runs as a service, of the system or of the user's own manager.
 */
import { parseArgs } from 'node:util'
import { Cache } from './cache.ts'
import { chooseKernels } from './kernels.ts'
import { RowFile } from './row-file.ts'
import { runCommand } from './run-command.ts'
import { type Matrix, type Progress, type Row, runSuites } from './run-suites.ts'
import { chooseSuites } from './suites.ts'
import { failuresOf, table } from './table.ts'
import { chooseUsers } from './users.ts'

// What was started is ended on the way out, which a signal alone would skip.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error(`test:lab: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals: command } = parse(args)
  const choice = {
    kernels: chooseKernels(values.kernel),
    users: chooseUsers(values.user),
    suites: chooseSuites(values.suite),
  }
  const guests = numberOfGuests(values.guests)
  const cache = await Cache.open(values.cache)
  if (command.length > 0) return runCommand({ ...choice, command, systemd: values.systemd }, cache)
  const progress = progressOf(guests, new RowFile(values.record ?? null))
  return report(await runSuites(choice, cache, progress), values.json) ? 0 : 1
}

function parse(args: readonly string[]) {
  const names = { type: 'string', multiple: true, default: [] as string[] } as const
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      kernel: names,
      user: names,
      suite: names,
      cache: { type: 'string' },
      guests: { type: 'string', default: '1' },
      record: { type: 'string' },
      json: { type: 'boolean', default: false },
      systemd: { type: 'boolean', default: false },
    },
  })
}

function numberOfGuests(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new Error(`--guests takes a number from 1 to 99, not ${text}`)
  return Number(text)
}

function progressOf(guests: number, file: RowFile): Progress {
  const onRow = (row: Row): void => {
    file.keep(row)
    const { kernel, user, suite, passed, failed, seconds } = row
    console.error(`${kernel} ${suite} ${user}: ${passed} passed, ${failed} failed, ${seconds.toFixed(1)} s`)
  }
  return { guests, known: file.rows(), onRow }
}

function report(matrix: Matrix, json: boolean): boolean {
  const passed = sum(matrix.rows, 'passed')
  const failed = sum(matrix.rows, 'failed')
  if (json) console.log(JSON.stringify({ passed, failed, ...matrix }, null, 2))
  else console.log([failuresOf(matrix.rows), table(matrix), ''].join('\n'))
  const summary = `${passed} passed, ${failed} failed`
  if (json) console.error(summary)
  else console.log(summary)
  return failed === 0 && passed > 0
}

function sum(rows: readonly Row[], key: 'passed' | 'failed'): number {
  return rows.reduce((total, row) => total + row[key], 0)
}
