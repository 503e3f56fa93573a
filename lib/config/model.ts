/** The configuration in its normal form: defaults filled, paths absolute, units in the names. `config/load.ts` makes it. */
import type { Policy } from '../policy/model.ts'

export interface Config {
  /** Absolute path of the file it came from. */
  readonly file: string
  readonly server: ServerSettings
  readonly auth: AuthSettings
  readonly servers: readonly UpstreamSettings[]
  /** Names of the environment variables that `${VAR}` in the file used; never inherited by a server. */
  readonly usedVariables: ReadonlySet<string>
  /** Things worth a warning line at start, each with its place: `config.toml:12:1 …`. */
  readonly warnings: readonly string[]
}

export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly tls: { readonly certPath: string; readonly keyPath: string } | null
  readonly publicUrl: string | null
  /** Host header values accepted besides the loopback names of the bound port. */
  readonly allowedHosts: readonly string[]
  readonly allowedOrigins: readonly string[]
  readonly maxSessions: number
  readonly sessionIdleMs: number
  readonly maxMessageBytes: number
  /** First and last uid that a root gateway gives to its servers. */
  readonly uidRange: readonly [number, number]
}

export type AuthSettings = { readonly type: 'none' } | { readonly type: 'static'; readonly token: string }

export type Protocol = 'auto' | 'legacy' | '2026-07-28'

/**
 * `auto`: each principal has its own copies, and so has each session of a server that is spoken to in the legacy era.
 * `session`: each session has its own, and requests without a session share one per principal. `principal`: all of a principal's.
 * `shared`: everybody's.
 */
export type Sharing = 'auto' | 'session' | 'principal' | 'shared'

/** One `[[servers]]` entry. */
export type UpstreamSettings = LocalSettings | RemoteSettings

/** What is said of a server wherever it runs. */
interface CommonSettings {
  readonly name: string
  readonly tags: readonly string[]
  readonly description: string
  readonly enabled: boolean
  readonly startupTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly maxInstances: number
  /** Which protocol it is spoken to in; `auto`: it is asked. */
  readonly protocol: Protocol
  /** Who shares a copy of it. */
  readonly sharing: Sharing
}

/** What the gateway starts. */
export type LocalSettings = ProgramSettings | ContainerSettings

/** What is said of a server that the gateway starts, whatever confines it. */
interface StartedSettings extends CommonSettings {
  readonly type: 'stdio'
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Inside; `null` is the private home, or the image's own folder. */
  readonly cwd: string | null
}

/** A program of this machine. */
export interface ProgramSettings extends StartedSettings {
  readonly image: null
  readonly command: string
  /** `null`: the sandbox is switched off for this server, said in the file. */
  readonly policy: Policy | null
}

/** A program in an image, run by podman or docker. */
export interface ContainerSettings extends StartedSettings {
  readonly image: string
  /** Instead of the image's entry point, which gets the arguments otherwise. */
  readonly command: string | null
  readonly policy: Policy
}

/** A server that runs elsewhere. */
export interface RemoteSettings extends CommonSettings {
  /** `http`: Streamable HTTP, or HTTP+SSE where a server knows only that. `sse`: HTTP+SSE (2024-11-05). */
  readonly type: 'http' | 'sse'
  readonly url: string
  /** Sent with every request. The values are secrets: never logged, never shown. */
  readonly headers: Readonly<Record<string, string>>
  /** It may be at an address of a private network, and be spoken to without TLS. */
  readonly allowPrivate: boolean
}
