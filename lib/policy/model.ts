import type { EgressPolicy } from './network/entry.ts'
import type { PersistenceGuard } from './persistence.ts'

/** What a server may do, as configured. Plain data: the same for a configured server and for `mcpo sandbox run`. */
export interface Policy {
  /** Server name, or `run` for `mcpo sandbox run`. Also the host name inside. */
  readonly name: string
  readonly network: NetworkPolicy
  readonly filesystem: FilesystemPolicy
  /** Environment inherited from the gateway, less what `policy/environment.ts` forbids. A weakening. */
  readonly inheritEnvironment: boolean
  /** Persistence guards that are switched off. A weakening. */
  readonly allowPersistence: readonly PersistenceGuard[]
  readonly limits: Limits
  readonly traffic: TrafficLimits
  /** Guarantees that may be less than full. Everything else refuses the start when it is not full. */
  readonly bestEffort: readonly Guarantee[]
}

/**
 * `false`: an own network namespace with loopback only. An egress policy: the same, and the gateway connects to what it lists.
 * `"host"`: the host's network, a weakening.
 */
export type NetworkPolicy = false | 'host' | EgressPolicy

/**
 * `readonly`: the minimal root, nothing of the host writable, home and data invisible. `paths`: the same plus these.
 * `host-readonly`: the host's tree read-only with credentials and sockets masked, a weakening. `full`: the host's
 * tree with the user's rights, a weakening.
 */
export type FilesystemPolicy =
  | { readonly kind: 'readonly' }
  | { readonly kind: 'paths'; readonly grants: readonly PathGrant[] }
  | { readonly kind: 'host-readonly' }
  | { readonly kind: 'full' }

export interface PathGrant {
  /** Absolute, normalised. */
  readonly path: string
  readonly access: 'ro' | 'rw'
}

export interface Limits {
  readonly memoryMb: Limit
  /** 100 is one core. */
  readonly cpuPercent: Limit
  readonly pids: Limit
}

/** What all copies of a server together may send to the destinations of its policy within 24 hours, and get from there. */
export interface TrafficLimits {
  readonly uploadMb: Limit
  readonly downloadMb: Limit
}

/** Of those that nobody wrote. */
export const defaultLimits = { memoryMb: 512, cpuPercent: 50, pids: 256, uploadMb: 1024, downloadMb: 16_384 } as const

export const defaultTraffic: TrafficLimits = {
  uploadMb: { value: defaultLimits.uploadMb, written: false },
  downloadMb: { value: defaultLimits.downloadMb, written: false },
}

/** A limit that somebody wrote must hold; a default is best effort and labelled. */
export interface Limit {
  readonly value: number
  readonly written: boolean
}

export const guarantees = [
  'fs-read',
  'fs-write',
  'network',
  'process-isolation',
  'kernel-surface',
  'privileges',
  'environment',
  'memory',
  'cpu',
  'pids',
  'disk',
  'no-orphans',
] as const

/** One promise a policy makes. */
export type Guarantee = (typeof guarantees)[number]

export type Strength = 'full' | 'partial' | 'none'

/** What one guarantee amounts to on this host. */
export interface Verdict {
  readonly guarantee: Guarantee
  readonly strength: Strength
  /** The mechanisms that enforce it, in words: `mount namespace, minimal root`, `rlimit per process`. */
  readonly by: readonly string[]
  /** Why it is not full, and what would make it so. Absent when full. */
  readonly why?: string
  /** The policy asks for less itself (network = "host" …): reported, and no reason to refuse. */
  readonly weakened?: string
}
