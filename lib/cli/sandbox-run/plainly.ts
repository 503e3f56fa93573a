/** The way of a plain `mcpo sandbox run`, as `bin/mcpo.js` takes it first. */
import { type RunFlags, runOptions } from './flags.ts'
import { plainFlags } from './plain-flags.ts'
import { runSandbox } from './run.ts'

/** `null`: nothing was done, and the command line is one for yargs. Else settles when the command has ended. */
export function runPlainly(argv: readonly string[]): Promise<void> | null {
  const end = argv.indexOf('--')
  if (argv[2] !== 'sandbox' || argv[3] !== 'run' || end < 0) return null
  const flags = plainFlags(argv.slice(4, end), runOptions)
  // The table gives each flag its type.
  return flags === null ? null : runSandbox(flags as unknown as RunFlags)
}
