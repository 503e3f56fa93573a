import type { CommandModule } from 'yargs'
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { McpoError, toMcpoError } from '../errors.ts'
import { terminalSafeLines } from '../sandbox/events/words.ts'
import { version } from '../upstream/identity.ts'

/** Each command is loaded when it is the one that was asked for; help names them all. */
const commands: Readonly<Record<string, () => Promise<unknown>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  sandbox: async () => (await import('./sandbox-run.ts')).sandbox,
  doctor: async () => (await import('./doctor.ts')).doctor,
}

/** Runs the command line and sets the exit code. Errors are one line each on stderr, without a stack trace. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    const args = hideBin([...argv])
    await cli(args, await load(args[0])).parseAsync()
  } catch (thrown) {
    report(toMcpoError(thrown))
  }
}

async function load(name: string | undefined): Promise<CommandModule[]> {
  const named = name !== undefined && Object.hasOwn(commands, name) ? [name] : Object.keys(commands)
  // Each module's own type of arguments ends here: yargs gives it what its builder declares.
  return (await Promise.all(named.map((each) => commands[each]?.()))) as CommandModule[]
}

function cli(args: string[], modules: readonly CommandModule[]) {
  return yargs(args)
    .scriptName('mcpo')
    .command([...modules])
    .strict()
    .version(version)
    .help()
    .alias('h', 'help')
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new McpoError('INVALID_REQUEST', message, { hint: 'mcpo --help shows what there is.' })
    })
}

function report(error: McpoError): void {
  console.error(terminalSafeLines(`mcpo: ${error.message}`))
  if (error.hint !== undefined) console.error(terminalSafeLines(`hint: ${error.hint}`))
  if (process.env['MCPO_DEBUG'] !== undefined) console.error(error)
  process.exitCode = error.exitCode
}
