import type { CgroupController } from '../host.ts'

/** A container engine of this host, as it described itself. `sandbox/container/engine.ts` asks it. */
export interface EngineFacts {
  readonly kind: 'podman' | 'docker'
  readonly version: string
  readonly identities: EngineIdentities
  /** It can filter system calls. */
  readonly seccomp: boolean
  /** With which it can hold limits. */
  readonly controllers: readonly CgroupController[]
  /** podman without cgroup v2 makes no groups at all: so with crun; runc knows only how to leave out the engine's own. */
  readonly cgroups: 'enabled' | 'disabled' | 'no-conmon'
  /** Where it keeps images and state, and listens: never granted. */
  readonly places: readonly string[]
}

/**
 * Whose ids its containers have. `host`: this machine's. `kept`: those of the user who runs it, in a user namespace with subordinate ids.
 * `own-root`: uid 0 of a user namespace is the user who runs it; without subordinate ids there is no other.
 */
export type EngineIdentities = 'host' | 'kept' | 'own-root'

/** Who the gateway is on this host, and who its server shall be. */
export interface ContainerUser {
  readonly uid: number
  readonly gid: number
  /** The uid is the server's own: the gateway is root. */
  readonly isOwn: boolean
}
