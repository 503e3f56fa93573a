/**
 * Runs suites, or any command, under other kernels than the machine's: `npm run test:lab -- [--kernel NAME]… [--user NAME]…
 * [--suite NAME]… [--cache FOLDER] [--json] [[--systemd] -- COMMAND]`. Kernels: kernels.ts. Suites: suites.ts. Users: root,
 * and user (uid 1000); either has a delegated subtree of cgroup v2. Without names, everything. The status of a COMMAND is passed
 * on; with --systemd it runs as a service, of the system or of the user's own manager.
 */
import { parseArgs } from 'node:util'
import { Cache } from './cache.ts'
import { chooseKernels } from './kernels.ts'
import { runCommand } from './run-command.ts'
import { type Choice, type Row, runSuites } from './run-suites.ts'
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
  const cache = await Cache.open(values.cache)
  if (command.length > 0) return runCommand({ ...choice, command, systemd: values.systemd }, cache)
  return (await runMatrix(choice, cache, values.json)) ? 0 : 1
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
      json: { type: 'boolean', default: false },
      systemd: { type: 'boolean', default: false },
    },
  })
}

async function runMatrix(choice: Choice, cache: Cache, json: boolean): Promise<boolean> {
  const matrix = await runSuites(choice, cache, ({ kernel, user, suite, passed, failed, seconds }) => {
    console.error(`${kernel} ${suite} ${user}: ${passed} passed, ${failed} failed, ${seconds.toFixed(1)} s`)
  })
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
