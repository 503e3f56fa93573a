/**
 * Runs suites, or any command, under other kernels than the machine's: `npm run test:lab -- [--kernel NAME]… [--user NAME]…
 * [--suite NAME]… [--cache FOLDER] [--json] [-- COMMAND]`. Kernels: kernels.ts. Users: root, and user (uid 1000); either has
 * a delegated subtree of cgroup v2. Without names, everything. The exit status of a COMMAND is passed on.
 */
import { parseArgs } from 'node:util'
import { Cache } from './cache.ts'
import { chooseKernels } from './kernels.ts'
import { runCommand } from './run-command.ts'
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
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      kernel: { type: 'string', multiple: true, default: [] },
      user: { type: 'string', multiple: true, default: [] },
      cache: { type: 'string' },
    },
  })
  const cache = await Cache.open(values.cache)
  return runCommand(positionals, chooseKernels(values.kernel), chooseUsers(values.user), cache)
}
