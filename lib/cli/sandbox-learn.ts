/** `mcpo sandbox learn`: from what a server uses to its policy. */
import type { CommandModule } from 'yargs'
import { defaultConfigPath } from '../config/folders.ts'
import { loadConfig } from '../config/load.ts'
import { terminalSafe, terminalSafeJson } from '../sandbox/events/words.ts'
import { exitCodeOfStatus } from './exit-code.ts'
import { learn, learnedAsToml } from './sandbox-learn/learn.ts'
import { writeError } from './sandbox-run/standard-error.ts'

interface LearnArguments {
  readonly name: string
  readonly config: string | undefined
  readonly json: boolean
}

export const sandboxLearn: CommandModule<object, LearnArguments> = {
  command: 'learn <name>',
  describe: 'Run a configured server on standard input and output, and print the policy that it needs',
  builder: (yargs) =>
    yargs
      .positional('name', { type: 'string', demandOption: true, describe: 'Of a server in the configuration' })
      .option('config', { alias: 'c', type: 'string', requiresArg: true, describe: 'Configuration file (MCPO_CONFIG)' })
      .option('json', { type: 'boolean', default: false, describe: 'Print what was used as JSON, to standard error' }),
  handler: async ({ name, config: path, json }) => {
    const env = process.env
    if (process.stdin.isTTY) writeError(waiting(name))
    const config = await loadConfig(path ?? env['MCPO_CONFIG'] ?? defaultConfigPath(env, process.getuid?.() ?? 0), env)
    const learned = await learn(config, name, env)
    writeError(json ? `${terminalSafeJson(learned)}\n` : learnedAsToml(learned))
    process.exitCode = exitCodeOfStatus(learned.status) ?? 1
  },
}

/** A server that nobody asks anything uses next to nothing. */
function waiting(name: string): string {
  return `mcpo: "${terminalSafe(name)}" waits for a client on standard input. Let the client that is to use it start this command in place of
mcpo: the server's own, use its tools, and end it: the policy is the last thing on standard error.
`
}
