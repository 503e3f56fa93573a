/** The flags of `mcpo sandbox run`, in one table for help, yargs, and the reader of plain command lines. */
import type { Options } from 'yargs'
import { type PolicyFlags, policyOptions } from './policy-flags.ts'

export interface RunFlags extends PolicyFlags {
  readonly env: readonly string[]
  readonly cwd?: string | undefined
  readonly uid?: number | undefined
  readonly json: boolean
  readonly explain: boolean
  readonly 'print-policy': boolean
}

export const runOptions = {
  ...policyOptions,
  env: { type: 'string', array: true, nargs: 1, default: [], describe: 'Set a variable: NAME=value' },
  cwd: {
    type: 'string',
    requiresArg: true,
    describe: 'Working directory (the current one where it is visible, else the private home)',
  },
  uid: {
    type: 'number',
    requiresArg: true,
    describe: 'Uid of the command, as root: for files that were given to it, where there are no user namespaces',
  },
  json: {
    type: 'boolean',
    default: false,
    describe: 'Print what is enforced to standard error; without a command to standard output',
  },
  explain: {
    type: 'boolean',
    default: false,
    describe: 'For diagnosis, slow: also tell which file accesses will be refused, and what would allow them',
  },
  'print-policy': { type: 'boolean', default: false, describe: 'Print the policy as TOML, and run nothing' },
} as const satisfies Record<string, Options>
