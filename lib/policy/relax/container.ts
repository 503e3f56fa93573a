/**
 * `type = "container"`: podman or docker runs the server from an image, instead of our own sandbox.
 *
 * Reason: servers that are published as images, with a system of their own inside.
 * Risk: the engine's filter refuses a few dozen system calls where ours allows a few hundred, and nothing is proved from inside. What
 * the engine starts is no child of the gateway: a keeper process ends it when the gateway is gone, and who kills both at
 * once leaves it running until the next gateway starts. In folders granted for writing the persistence guards hold what is there; a name that
 * is absent the server can make, since an engine would leave what takes its place behind. Docker gives an image's volumes a folder of the host without a quota.
 */
import type { Guarantee, Strength } from '../model.ts'

/** What is left of each guarantee that it touches. */
export const containerLeaves: Readonly<Partial<Record<Guarantee, { strength: Strength; risk: string }>>> = {
  'fs-write': {
    strength: 'partial',
    risk: 'type = "container": in folders granted for writing, git hooks and settings of editors and agents that are absent can be made',
  },
  'kernel-surface': {
    strength: 'partial',
    risk: 'type = "container": the filter of system calls is the engine\'s, which refuses only what it knows to be dangerous',
  },
  'no-orphans': {
    strength: 'partial',
    risk: 'type = "container": a keeper process ends the container with the gateway; killed together with it, it leaves that to the next start',
  },
}
