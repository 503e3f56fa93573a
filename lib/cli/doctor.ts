/**
 * `mcpo doctor`: what this host can enforce, and whether each configured server can start under its policy. Each is
 * started up to the point where it would be executed. Exit 0 only if all can, else 3.
 */
import { dirname } from 'node:path'
import type { ArgumentsCamelCase, CommandModule } from 'yargs'
import { defaultConfigPath, loadConfig } from '../config/load.ts'
import type { Config, LocalSettings, UpstreamSettings } from '../config/model.ts'
import { type McpoError, toMcpoError } from '../errors.ts'
import { unconfinedVerdicts } from '../policy/guarantees.ts'
import { closeStdio } from '../sandbox/close.ts'
import { prepareContainer } from '../sandbox/container/prepare.ts'
import { createContext, type SandboxContext } from '../sandbox/context.ts'
import { started } from '../sandbox/events/started.ts'
import { findCommand } from '../sandbox/find.ts'
import { startServer } from '../sandbox/start.ts'
import { describeHost } from './doctor/host-lines.ts'
import { printReport } from './doctor/print.ts'
import type { DoctorReport, ServerReport } from './doctor/report.ts'
import { writableGrants } from './writable-grants.ts'

interface Flags {
  readonly config?: string | undefined
  readonly json: boolean
}

const cannotStart = 3

export const doctor: CommandModule<object, Flags> = {
  command: 'doctor',
  describe: 'Say what this host can enforce, and whether each configured server can start',
  builder: (yargs) =>
    yargs
      .option('config', { alias: 'c', type: 'string', requiresArg: true, describe: 'Configuration file' })
      .option('json', { type: 'boolean', default: false, describe: 'Print the report as JSON' }),
  handler,
}

async function handler({ config: file, json }: ArgumentsCamelCase<Flags>): Promise<void> {
  const config = await load(file)
  const context = createContext({
    configFile: config?.file ?? null,
    environment: process.env,
    ...(config === null ? {} : { uidRange: config.server.uidRange, writableGrants: writableGrants(config) }),
  })
  const report = await examineHost(config, context).finally(context.close)
  if (json) process.stdout.write(`${JSON.stringify(report)}\n`)
  else printReport(report)
  const isWell = report.servers.every(({ ok }) => ok) && report.host.every(({ ok, needed }) => ok || !needed)
  process.exitCode = isWell ? 0 : cannotStart
}

async function examineHost(config: Config | null, context: SandboxContext): Promise<DoctorReport> {
  return {
    config: config?.file ?? null,
    host: describeHost((await context.host()).facts),
    servers: config === null ? [] : await examineAll(config, context),
  }
}

/** Without `-c` a missing file is no fault: there is simply no server to examine. */
async function load(file: string | undefined): Promise<Config | null> {
  try {
    return await loadConfig(file ?? defaultConfigPath(), process.env)
  } catch (error) {
    if (file === undefined && isMissing(toMcpoError(error))) return null
    throw error
  }
}

function isMissing({ cause }: McpoError): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
}

/** One after the other: the report is the same however many there are, and the machine stays usable. */
async function examineAll(config: Config, context: SandboxContext): Promise<ServerReport[]> {
  const reports: ServerReport[] = []
  for (const server of config.servers.filter(({ enabled }) => enabled))
    reports.push(await examine(server, config, context))
  return reports
}

async function examine(server: UpstreamSettings, config: Config, context: SandboxContext): Promise<ServerReport> {
  const report = server.type === 'stdio' ? await examineLocal(server, config, context) : remoteReport(server.name)
  if (server.sharing !== 'shared') return report
  return { ...report, notes: [...report.notes, 'all callers share its copies (instance = "shared")'] }
}

function remoteReport(name: string): ServerReport {
  return { name, ok: true, verdicts: [], proof: null, notes: ['it runs elsewhere: nothing of it is started here'] }
}

/** Where nothing is id-mapped, what a server may do depends on the very uid that it will have. */
async function isPassing(context: SandboxContext): Promise<boolean> {
  return (await context.host()).facts.noUserNamespace === null
}

async function examineLocal(server: LocalSettings, config: Config, context: SandboxContext): Promise<ServerReport> {
  const { name, args, env, cwd } = server
  const baseDir = dirname(config.file)
  try {
    if (server.image !== null) {
      const { verdicts, notes, engine } = await prepareContainer(server, context)
      return {
        name,
        ok: true,
        verdicts,
        proof: null,
        notes: [...notes, `run by ${engine.facts.kind} ${engine.facts.version}; not started here`],
      }
    }
    const { command, policy } = server
    if (policy === null) {
      await findCommand(command, { baseDir, environment: { ...context.environment, ...env } })
      return { name, ok: true, verdicts: unconfinedVerdicts(), proof: null, notes: [] }
    }
    const spec = { policy, command, args, env, cwd, baseDir, secretVariables: config.usedVariables }
    const child = await startServer(spec, context, { dryRun: true, passing: await isPassing(context) })
    closeStdio(child.stdio)
    await child.exited
    const { verdicts, proof, notes } = started(name, child)
    return { name, ok: true, verdicts, proof, notes }
  } catch (thrown) {
    const { code, message, hint } = toMcpoError(thrown)
    return {
      name,
      ok: false,
      verdicts: [],
      proof: null,
      notes: [],
      error: { code, message, ...(hint === undefined ? {} : { hint }) },
    }
  }
}
