import { isRecord } from '../records.ts'
import { type Capabilities, type Revision, revisions } from './index.ts'

export type Declared = Readonly<Record<string, unknown>>

/** Extensions are agreed upon between the two ends, whatever revision they speak. */
const agreedElsewhere = ['extensions']

/**
 * What of a side's capabilities means something to a peer of this revision: capabilities, and parts of them, that only other
 * revisions have are left out. What no revision has stays.
 */
export function understood(revision: Revision, side: 'client' | 'server', declared: Declared): Declared {
  const known = revision[side].capabilities
  const others = revisions.map((other) => other[side].capabilities)
  const kept = Object.entries(declared).filter(([name]) => isKept(name, known, others))
  return Object.fromEntries(
    kept.map(([name, value]) => [name, isRecord(value) ? partsOf(name, value, known, others) : value]),
  )
}

/** By the name of each capability that both revisions have, the parts that both have. */
export function shared(one: Capabilities, other: Capabilities): Capabilities {
  const names = Object.keys(one).filter((name) => Object.hasOwn(other, name))
  return Object.fromEntries(
    names.map((name) => [name, (one[name] ?? []).filter((part) => other[name]?.includes(part))]),
  )
}

function isKept(name: string, known: Capabilities, others: readonly Capabilities[]): boolean {
  if (Object.hasOwn(known, name) || agreedElsewhere.includes(name)) return true
  return !others.some((other) => Object.hasOwn(other, name))
}

function partsOf(name: string, value: Declared, known: Capabilities, others: readonly Capabilities[]): Declared {
  const parts = (of: Capabilities): readonly string[] => (Object.hasOwn(of, name) ? (of[name] ?? []) : [])
  const isForeign = (part: string) =>
    !parts(known).includes(part) && others.some((other) => parts(other).includes(part))
  return Object.fromEntries(Object.entries(value).filter(([part]) => !isForeign(part)))
}
