/** `mcpo sandbox run`: any command in the sandbox that a server would get. */
import type { Argv, CommandModule } from 'yargs'
import { sandboxLearn } from './sandbox-learn.ts'
import { type RunFlags, runOptions } from './sandbox-run/flags.ts'
import { runSandbox } from './sandbox-run/run.ts'

export const sandboxRun: CommandModule<object, RunFlags> = {
  command: 'run',
  describe: 'Run a command in a sandbox: mcpo sandbox run [options] -- COMMAND [ARG…]',
  builder,
  handler: runSandbox,
}

/** `mcpo sandbox …` */
export const sandbox: CommandModule = {
  command: 'sandbox',
  describe: 'Try the sandbox',
  builder: (yargs) =>
    yargs
      .command(sandboxRun)
      .command(sandboxLearn)
      .demandCommand(1, 'mcpo sandbox: which command? Try: mcpo sandbox run --help'),
  handler: () => {},
}

function builder(yargs: Argv): Argv<RunFlags> {
  // What is behind -- belongs to the command as it stands: no numbers are made of it, and no flags.
  return yargs
    .parserConfiguration({ 'populate--': true, 'parse-positional-numbers': false })
    .options(runOptions)
    .usage('mcpo sandbox run [options] -- COMMAND [ARG…]') as unknown as Argv<RunFlags>
}
