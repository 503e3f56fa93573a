import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'
import { McpoError, toMcpoError } from '../errors.ts'
import { version } from '../upstream/identity.ts'
import { doctor } from './doctor.ts'
import { sandbox } from './sandbox-run.ts'
import { serveCommand } from './serve.ts'

/** Runs the command line and sets the exit code. Errors are one line each on stderr, without a stack trace. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    await cli(hideBin([...argv])).parseAsync()
  } catch (thrown) {
    report(toMcpoError(thrown))
  }
}

function cli(args: string[]) {
  return yargs(args)
    .scriptName('mcpo')
    .command(serveCommand)
    .command(sandbox)
    .command(doctor)
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
  console.error(`mcpo: ${error.message}`)
  if (error.hint !== undefined) console.error(`hint: ${error.hint}`)
  if (process.env['MCPO_DEBUG'] !== undefined) console.error(error)
  process.exitCode = error.exitCode
}
