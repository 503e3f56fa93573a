import { dirname } from 'node:path'
import type { CommandModule } from 'yargs'
import { configFolders } from '../config/folders.ts'
import { defaultConfigPath, loadConfig, type Override } from '../config/load.ts'
import type { Config } from '../config/model.ts'
import { McpoError } from '../errors.ts'
import { createLogger, type LogLevel, logLevels, logOptions } from '../observe/log.ts'
import { startContainer } from '../sandbox/container/start.ts'
import { createContext, type SandboxContext } from '../sandbox/context.ts'
import { startServer } from '../sandbox/start.ts'
import { startUnconfined } from '../sandbox/unconfined.ts'
import { frameScanner } from '../upstream/frame-scanner.ts'
import type { StartServer } from '../upstream/model.ts'
import { VerdictFile } from '../upstream/verdicts/file.ts'
import { assemble, createCore, type Parts, type RunningGateway } from './assemble.ts'
import { ensureServer } from './ensure-server.ts'
import { serveStdio } from './serve-stdio.ts'
import { writableGrants } from './writable-grants.ts'

interface ServeArguments {
  readonly config: string | undefined
  readonly host: string | undefined
  readonly port: string | undefined
  readonly stdio: boolean | undefined
  readonly server: string | undefined
  readonly 'log-level': LogLevel | undefined
}

/** How long calls in flight may take after SIGTERM. */
const drainMs = 5000

export const serveCommand: CommandModule<object, ServeArguments> = {
  command: ['serve', '$0'],
  describe: 'Start the gateway and the servers of its configuration',
  builder: (yargs) =>
    yargs
      .option('config', { alias: 'c', type: 'string', requiresArg: true, describe: 'Configuration file (MCPO_CONFIG)' })
      .option('host', { alias: 'H', type: 'string', requiresArg: true, describe: 'Address to listen on (MCPO_HOST)' })
      .option('port', { alias: 'p', type: 'string', requiresArg: true, describe: 'Port to listen on (MCPO_PORT)' })
      .option('stdio', { type: 'boolean', describe: 'Serve the one client on stdin and stdout instead of listening' })
      .option('server', { type: 'string', requiresArg: true, describe: 'With --stdio: this server alone, not all' })
      .conflicts('stdio', ['host', 'port'])
      .implies('server', 'stdio')
      .option('log-level', {
        alias: 'l',
        choices: logLevels,
        requiresArg: true,
        describe: 'MCPO_LOG_LEVEL; info when not given',
      }),
  handler: (args) => serve(args, process.env),
}

/** Serves until SIGTERM or SIGINT, then drains and ends every server. */
export async function serve(args: ServeArguments, env: NodeJS.ProcessEnv): Promise<void> {
  const path = args.config ?? env['MCPO_CONFIG'] ?? defaultConfigPath(env, process.getuid?.() ?? 0)
  const config = await loadConfig(path, env, overridesOf(args, env))
  if (args.server !== undefined) ensureServer(config, args.server)
  const log = createLogger(logOptions(logLevelOf(args, env), env, process.stderr.isTTY))
  for (const warning of config.warnings) log.warn(warning)
  const verdicts = await VerdictFile.open(configFolders(config.file, env).state, log)
  const context = contextOf(config, env)
  const parts = { start: starterOf(config, env, context), scan: frameScanner(), log, verdicts }
  const served = args.stdio === true ? overStdio(config, parts, args.server ?? null) : overHttp(config, parts, context)
  await served.finally(context.close)
}

function contextOf(config: Config, environment: NodeJS.ProcessEnv): SandboxContext {
  const { uidRange } = config.server
  return createContext({ configFile: config.file, uidRange, environment, writableGrants: writableGrants(config) })
}

async function overHttp(config: Config, parts: Parts, { gatewayPorts }: SandboxContext): Promise<void> {
  const ended = untilSignal()
  const gateway = await assemble(config, parts)
  gatewayPorts.add(gateway.address.port)
  console.log(greeting(config, gateway))
  parts.log.info({ signal: await ended }, 'ending')
  await gateway.stop(drainMs)
}

async function overStdio(config: Config, parts: Parts, endpoint: string | null): Promise<void> {
  const { maxMessageBytes } = config.server
  await serveStdio({ core: createCore(config, parts), endpoint, maxMessageBytes, ...parts }, untilSignal(), drainMs)
}

/** A flag stands above a variable, a variable above the file. */
function overridesOf(args: ServeArguments, env: NodeJS.ProcessEnv): Override[] {
  const host = override('host', args.host, env['MCPO_HOST'], (text) => text)
  // What is no number stays text, so that the schema's own words refuse it.
  const port = override('port', args.port, env['MCPO_PORT'], (text) => (/^\d{1,6}$/.test(text) ? Number(text) : text))
  return [...host, ...port]
}

function override(
  key: string,
  flag: string | undefined,
  variable: string | undefined,
  parse: (text: string) => unknown,
): Override[] {
  const path = ['server', key]
  if (flag !== undefined) return [{ path, value: parse(flag), from: `--${key}` }]
  return variable === undefined ? [] : [{ path, value: parse(variable), from: `MCPO_${key.toUpperCase()}` }]
}

function logLevelOf(args: ServeArguments, env: NodeJS.ProcessEnv): LogLevel {
  const level = args['log-level'] ?? env['MCPO_LOG_LEVEL'] ?? 'info'
  const known = logLevels.find((name) => name === level)
  if (known !== undefined) return known
  throw new McpoError(
    'CONFIG_ERROR',
    `MCPO_LOG_LEVEL must be one of ${logLevels.join(', ')}, not ${JSON.stringify(level)}`,
  )
}

/** Servers run confined, save those for which the configuration itself says no. */
function starterOf(config: Config, env: NodeJS.ProcessEnv, context: SandboxContext): StartServer {
  const baseDir = dirname(config.file)
  return (server, onEvent) => {
    if (server.image !== null) return startContainer(server, context, onEvent)
    const { name, policy, command, args, env: explicit, cwd } = server
    const spec = { name, command, args, env: explicit, cwd, baseDir, secretVariables: config.usedVariables }
    return policy === null ? startUnconfined(spec, env) : startServer({ ...spec, policy }, context, { onEvent })
  }
}

function greeting({ server, servers }: Config, { address }: RunningGateway): string {
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address
  const url = `${server.tls === null ? 'http' : 'https'}://${host}:${address.port}/mcp`
  const names = servers.filter(({ enabled }) => enabled).map(({ name }) => `${url}/${name}`)
  return `mcpo serves ${[url, ...names].join(' ')}`
}

/** The first signal drains; a second one ends at once. */
function untilSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.on(signal, () => process.exit(1))
        resolve(signal)
      })
    }
  })
}
