import type { CgroupController } from '../host.ts'

/** A container engine of this host, as it described itself. `sandbox/container/engine.ts` asks it. */
export interface EngineFacts {
  readonly kind: 'podman' | 'docker'
  readonly version: string
  /** It runs without root: what is uid 0 for it is an ordinary user. */
  readonly rootless: boolean
  /** It can filter system calls. */
  readonly seccomp: boolean
  /** With which it can hold limits. */
  readonly controllers: readonly CgroupController[]
  /** podman without cgroup v2 makes no groups at all: so with crun; runc knows only how to leave out the engine's own. */
  readonly cgroups: 'enabled' | 'disabled' | 'no-conmon'
  /** Where it keeps images and state: never granted. */
  readonly folders: readonly string[]
}

/** Who the gateway is on this host, and who its server shall be. */
export interface ContainerUser {
  readonly uid: number
  readonly gid: number
  /** The uid is the server's own: the gateway is root. */
  readonly isOwn: boolean
}
