/**
 * What `mcpo sandbox learn NAME` does: the server runs on this command's standard input and output, as a client would start it, under
 * a wide but still confined policy; what it used becomes a policy, on standard error. Nothing is changed.
 */
import { dirname } from 'node:path'
import type { Config, ProgramSettings } from '../../config/model.ts'
import { McpoError } from '../../errors.ts'
import { isTooWide, missedFolders, smallestFilesystem, smallestNetwork } from '../../policy/learned.ts'
import type { Policy } from '../../policy/model.ts'
import { isInside } from '../../policy/paths.ts'
import { createContext, type SandboxContext } from '../../sandbox/context.ts'
import type { Refusal } from '../../sandbox/events/model.ts'
import { terminalSafe, terminalSafeJson } from '../../sandbox/events/words.ts'
import { stdioModes } from '../../sandbox/inherited-stdio.ts'
import { launchOn } from '../../sandbox/launch.ts'
import type { ExitStatus, LaunchSpec } from '../../sandbox/model.ts'
import { createRelay } from '../../sandbox/relay.ts'
import { prepareLaunch } from '../../sandbox/start.ts'
import { ensureServer } from '../ensure-server.ts'
import { PassedSignals } from '../sandbox-run/passed-signals.ts'
import { writableGrants } from '../writable-grants.ts'
import { grantable, lastingLine } from './grantable.ts'
import { narrowPolicy, widePolicy } from './wide.ts'

/** What a server was seen to use. */
export interface Learned {
  readonly server: string
  readonly status: ExitStatus
  /** Lines of `network` and `filesystem`. */
  readonly network: readonly string[]
  readonly filesystem: readonly string[]
  /** What it used and no policy grants, with the reason. */
  readonly ungrantable: Readonly<Record<string, string>>
  /** Folders of which it asked whether they are there, and that the lines above do not show. Read-only lines would. */
  readonly lookedAt: readonly string[]
  /** Whether it tried to write where it could not: what it would have done next is not known. */
  readonly couldNotWrite: boolean
  /** Destinations that it did not reach, with the reason: private ones, and those of this machine. Listed, they may be. */
  readonly refused: Readonly<Record<string, string>>
}

/** Settles when the server has ended. Throws a McpoError when it cannot be started. */
export async function learn(config: Config, name: string, environment: NodeJS.ProcessEnv): Promise<Learned> {
  const { settings, policy } = programOf(config, name)
  const { uidRange } = config.server
  const grants = writableGrants(config)
  const context = createContext({ configFile: config.file, uidRange, environment, writableGrants: grants })
  try {
    return await watch(settings, policy, config, context)
  } finally {
    await context.close()
  }
}

async function watch(
  { name, command, args, env, cwd }: ProgramSettings,
  policy: Policy,
  { file, usedVariables }: Config,
  context: SandboxContext,
): Promise<Learned> {
  const spec: LaunchSpec = {
    ...{ command, args, env, cwd, baseDir: dirname(file), secretVariables: usedVariables },
    policy: await widePolicy(policy),
  }
  const [connected, needed, lookedAt] = [new Set<string>(), new Set<string>(), new Set<string>()]
  const refused = new Map<string, string>()
  const onEvent = (event: Refusal): void => {
    if (event.type === 'sandbox.access-refused' && event.grant !== null) {
      if (event.lookedAtFolder) lookedAt.add(event.path)
      else needed.add(event.grant)
    }
    if (event.type === 'sandbox.egress-refused' && event.way !== 'dns') refused.set(event.destination, event.why)
  }
  // A folder to start in is granted before it is used; what is used in it shows.
  const narrow = await prepareLaunch({ ...spec, policy: narrowPolicy(policy), cwd: null }, context)
  const wide = await prepareLaunch(spec, context, { explain: true, onEvent })
  const learning = { judgedBy: narrow.plan, onConnected: (where: string) => void connected.add(where) }
  const begunAtMs = Date.now()
  const relay = createRelay(stdioModes(), wide.plan.hostUid)
  const signals = new PassedSignals()
  const child = await launchOn({ ...wide, learning }, relay.stdio, () => '')
  signals.passTo(child)
  relay.start()
  const status = await child.exited
  await relay.finish()
  const lasting = await Promise.all([...needed].map((line) => lastingLine(line, begunAtMs)))
  const used = [...lasting, ...(cwd === null ? [] : [`${cwd}:ro`])]
  const found = smallestFilesystem(used.filter((line) => !isTooWide(line)))
  const { lines: filesystem, refused: ungrantable } = await grantable(found, spec, narrowPolicy(policy), context)
  for (const line of used.filter(isTooWide))
    ungrantable.set(line, 'it is a whole home, or more: name what is needed in it')
  return {
    server: name,
    status,
    network: smallestNetwork([...connected]),
    filesystem,
    ungrantable: Object.fromEntries([...ungrantable].sort()),
    lookedAt: missedFolders([...lookedAt], filesystem),
    couldNotWrite: filesystem.some((line) => !line.endsWith(':ro') && !isWritableBy(policy, line)),
    refused: Object.fromEntries([...refused].filter(([each]) => !connected.has(each)).sort()),
  }
}

function isWritableBy({ filesystem }: Policy, path: string): boolean {
  if (filesystem.kind !== 'paths') return filesystem.kind === 'full'
  return filesystem.grants.some((grant) => grant.access === 'rw' && isInside(path, grant.path))
}

function programOf(config: Config, name: string): { settings: ProgramSettings; policy: Policy } {
  ensureServer(config, name)
  const settings = config.servers.find((server) => server.name === name)
  if (settings?.type === 'stdio' && settings.image === null && settings.policy !== null)
    return { settings, policy: settings.policy }
  throw new McpoError(
    'INVALID_REQUEST',
    `${name} does not run in a sandbox of MCP-One: there is nothing to learn of it`,
    {
      hint: 'name a server with a command',
    },
  )
}

/** As it would stand below the server's table. */
export function learnedAsToml(learned: Learned): string {
  const { server, network, filesystem, refused, ungrantable, lookedAt, couldNotWrite } = learned
  const list = (lines: readonly string[]): string => `[${lines.map(terminalSafeJson).join(', ')}]`
  const lines = [
    `# What the server "${server}" used in this run, and nothing besides. Read it before you paste it below its [[servers]] table;`,
    '# in a [servers.sandbox] that is there already these two keys are replaced.',
    '[servers.sandbox]',
    network.length === 0 ? 'network = false' : `network = ${list(network)}`,
    filesystem.length === 0 ? 'filesystem = "readonly"' : `filesystem = ${list(filesystem)}`,
    ...Object.entries(ungrantable).map(
      ([line, why]) => `# not granted: ${terminalSafeJson(line)}: ${terminalSafe(why)}`,
    ),
    ...lookedAt.map((folder) => `# looked at, not opened: ${terminalSafeJson(folder)}`),
    ...Object.entries(refused).map(([destination, why]) => `# not reached: "${destination}": ${why}`),
    ...(couldNotWrite
      ? ['# It could not write in this run: learn again under this policy for what it does then.']
      : []),
  ]
  return `${lines.join('\n')}\n`
}
