/** The gateway's own log, on stderr: stdout belongs to commands that print results. Callers log no secrets. */
import { type DestinationStream, destination, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'

export type { Logger } from 'pino'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LogOptions {
  readonly level: LogLevel
  /** Lines for people, as on a terminal, instead of JSON. */
  readonly pretty: boolean
  readonly color: boolean
}

/** Pretty on a terminal, coloured unless NO_COLOR is set (no-color.org), JSON otherwise. */
export function logOptions(level: LogLevel, env: NodeJS.ProcessEnv, isTerminal: boolean): LogOptions {
  const noColor = env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== ''
  return { level, pretty: isTerminal, color: isTerminal && !noColor }
}

/**
 * Writes synchronously, so that the last line before an exit is there. Control characters in a line (a server's words)
 * are shown escaped, never sent to the terminal. `sink` stands in for stderr in tests.
 */
export function createLogger({ level, pretty: isPretty, color }: LogOptions, sink?: DestinationStream): Logger {
  const stderr = () => destination({ dest: 2, sync: true })
  const options: LoggerOptions = { level, timestamp: stdTimeFunctions.isoTime, hooks: { streamWrite: withoutControls } }
  if (!isPretty) return pino(options, sink ?? stderr())
  const lines = pretty({
    colorize: color,
    sync: true,
    destination: sink ?? 2,
    // The line says in words what an event holds.
    ignore: 'pid,hostname,event',
    translateTime: 'SYS:HH:MM:ss.l',
  })
  return pino(options, lines)
}

/**
 * A JSON line whose strings decode to no control character but tab and line feed. Escapes are read in pairs, so that an
 * escaped backslash before "u001b" stays one.
 */
function withoutControls(line: string): string {
  return line
    .replace(/\\(\\|[bfr]|u00[01][0-9a-f])/gi, (whole, what: string) => (what === '\\' ? whole : `\\\\${what}`))
    .replace(/[\u007f-\u009f\u2028\u2029]/g, (char) => `\\\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
