/**
 * The second wall: Landlock rules derived from what the mounts show. Rights of one rule hold for everything below its
 * path, so a read-only folder inside a writable one is held by its mount alone.
 *
 * TCP is not handled: in a network namespace of its own, port rules would only break loopback inside.
 */
import type { HostFacts } from './host.ts'
import type { LandlockPlan, LandlockRule } from './plan.ts'

/** Bits of `handled_access_fs` in linux/landlock.h. */
export const landlockRights = {
  execute: 1 << 0,
  writeFile: 1 << 1,
  readFile: 1 << 2,
  readDir: 1 << 3,
  removeDir: 1 << 4,
  removeFile: 1 << 5,
  makeChar: 1 << 6,
  makeDir: 1 << 7,
  makeReg: 1 << 8,
  makeSock: 1 << 9,
  makeFifo: 1 << 10,
  makeBlock: 1 << 11,
  makeSym: 1 << 12,
  /** ABI 2, Linux 5.19 */
  refer: 1 << 13,
  /** ABI 3, Linux 6.2 */
  truncate: 1 << 14,
  /** ABI 5, Linux 6.10 */
  ioctlDev: 1 << 15,
} as const

/** Newest ABI whose rights are known here. A newer kernel is asked for these only. */
export const knownLandlockAbi = 7

/** Abstract Unix sockets and signals, ABI 6 (Linux 6.12). */
const scopeAbstractUnixAndSignal = 0b11

/** A place inside the sandbox and what it is for. */
export interface Area {
  readonly path: string
  readonly use: 'read' | 'write' | 'devices' | 'list'
}

/** `null` where the kernel has no Landlock: the mounts hold alone then. */
export function compileLandlock(facts: HostFacts, areas: readonly Area[]): LandlockPlan | null {
  if (facts.landlockAbi < 1) return null
  const abi = Math.min(facts.landlockAbi, knownLandlockAbi)
  const handledFs = handledRights(abi)
  const rules = areas.map((area): LandlockRule => ({ path: area.path, access: rightsFor(area.use) & handledFs }))
  return { handledFs, scoped: abi >= 6 ? scopeAbstractUnixAndSignal : 0, rules }
}

function handledRights(abi: number): number {
  let rights = landlockRights.refer - 1
  if (abi >= 2) rights |= landlockRights.refer
  if (abi >= 3) rights |= landlockRights.truncate
  if (abi >= 5) rights |= landlockRights.ioctlDev
  return rights
}

function rightsFor(use: Area['use']): number {
  const r = landlockRights
  switch (use) {
    case 'list':
      return r.readDir
    case 'read':
      return r.execute | r.readFile | r.readDir
    case 'devices':
      return r.readDir | r.readFile | r.writeFile | r.ioctlDev
    case 'write':
      return ((r.ioctlDev << 1) - 1) & ~(r.makeChar | r.makeBlock)
  }
}
