/** What all starts of one process share: the host's facts, the gateway's own files, who gets which uid. */
import { configFolders, defaultConfigPath } from '../config/folders.ts'
import type { Resolve } from '../egress/address-guard.ts'
import { Allowances } from '../egress/allowance.ts'
import type { ProtectedPaths } from '../policy/layout.ts'
import { type Engine, findEngine } from './container/engine.ts'
import { removeStale } from './container/owner.ts'
import type { WritableGrant } from './foreign-grants.ts'
import { type Host, readHost, tryHost } from './host.ts'
import { defaultUidRange, Identities } from './identity.ts'
import { protectedPaths } from './protected.ts'

export interface SandboxContext {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly protectedPaths: ProtectedPaths
  readonly identities: Identities
  readonly uid: number
  /** On which the gateway itself listens: closed to every server, whatever its policy says. */
  readonly gatewayPorts: Set<number>
  /** How much each server may still send and get: its copies share that, and so do the ones that come after them. */
  readonly allowances: Allowances
  /** How names of the network are resolved; absent: as this machine does. */
  readonly resolve: Resolve | undefined
  /** Folders that some server of this configuration may write: symbolic links in them are no way to a grant, and programs in them are nobody else's. */
  readonly writableGrants: readonly WritableGrant[]
  /** Looked at, and tried unless that was put off, on first use; kept until `close`. */
  readonly host: () => Promise<Host>
  /** Tries the host, if that was put off. Whether `host` now says something else. */
  readonly tryNow: () => Promise<boolean>
  /** The container engine, found on first use; what gateways left in it that are gone is removed then. */
  readonly engine: () => Promise<Engine>
  /** Once every server has ended: gives back what was taken of the cgroup tree. Never rejects. */
  readonly close: () => Promise<void>
}

export interface ContextOptions {
  /** Absolute; `null` where no configuration is in use. */
  readonly configFile: string | null
  readonly uidRange?: readonly [number, number]
  readonly environment: NodeJS.ProcessEnv
  /** What all servers of the configuration may write, as written there. */
  readonly writableGrants?: readonly WritableGrant[]
  /** The first start is the trial: whoever asks for this calls `tryNow` when it fails, and then knows what the host cannot do. */
  readonly isTrialPutOff?: boolean
  readonly resolve?: Resolve
}

export function createContext({
  configFile,
  uidRange,
  environment,
  writableGrants = [],
  isTrialPutOff = false,
  resolve,
}: ContextOptions): SandboxContext {
  const uid = process.getuid?.() ?? 0
  const folders = configFolders(configFile ?? defaultConfigPath(environment, uid), environment, uid)
  const identities = new Identities(folders.state, uidRange ?? defaultUidRange)
  let read: Promise<Host> | null = null
  let tried: Promise<Host> | null = null
  const readOnce = () => (read ??= readHost())
  const tryOnce = () => (tried ??= tryRead(readOnce(), identities, uid))
  let engine: Promise<Engine> | null = null
  return {
    environment,
    identities,
    uid,
    gatewayPorts: new Set(),
    allowances: new Allowances(),
    resolve,
    writableGrants,
    protectedPaths: protectedPaths({ configFile, environment, uid }),
    host: () => tried ?? (isTrialPutOff ? readOnce() : tryOnce()),
    tryNow: async () => (await readOnce()) !== (await tryOnce()),
    engine() {
      engine ??= readyEngine(environment)
      // It may be installed, or its daemon started, meanwhile.
      engine.catch(() => {
        engine = null
      })
      return engine
    },
    async close() {
      const found = await (tried ?? read)?.catch(() => null)
      await found?.subtree?.leave()
    },
  }
}

async function readyEngine(environment: NodeJS.ProcessEnv): Promise<Engine> {
  const engine = await findEngine(environment)
  await removeStale(engine)
  return engine
}

async function tryRead(read: Promise<Host>, identities: Identities, uid: number): Promise<Host> {
  return tryHost(await read, uid === 0 ? await identities.random() : null)
}
