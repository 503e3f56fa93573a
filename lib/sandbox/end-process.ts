import { isLoaded, isTerminal, leave } from '../native/index.ts'

/**
 * Ends this process, once everything is written and every sandbox has ended. As process.exit() does, but quicker, unless
 * Node itself has something to do at its end: profiles, coverage, and a terminal that a command may have changed.
 */
export function endProcess(): never {
  const { NODE_OPTIONS, NODE_V8_COVERAGE } = process.env
  const isPlain = process.execArgv.length === 0 && NODE_OPTIONS === undefined && NODE_V8_COVERAGE === undefined
  if (isPlain && isLoaded() && ![0, 1, 2].some(isTerminal)) {
    const code = Number(process.exitCode ?? 0)
    process.emit('exit', code)
    leave(code)
  }
  process.exit()
}
