import { revision20241105 } from './2024-11-05.ts'
import { revision20250326 } from './2025-03-26.ts'
import { revision20250618 } from './2025-06-18.ts'
import { revision20251125 } from './2025-11-25.ts'
import { revision20260728 } from './2026-07-28.ts'
import { frozen, type LegacyRevision, type ModernRevision, type Revision } from './model.ts'

export type { Capabilities, Era, LegacyRevision, ModernRevision, Revision } from './model.ts'

export const newestModern: ModernRevision = revision20260728
export const newestLegacy: LegacyRevision = revision20251125

/** Revisions without sessions, newest first. */
export const modernRevisions: readonly ModernRevision[] = frozen([newestModern])
/** Revisions with `initialize`, newest first. */
export const legacyRevisions: readonly LegacyRevision[] = frozen([
  newestLegacy,
  revision20250618,
  revision20250326,
  revision20241105,
])
/** Every revision that is spoken here, newest first. */
export const revisions: readonly Revision[] = frozen([...modernRevisions, ...legacyRevisions])

export const modernVersions: readonly string[] = frozen(modernRevisions.map(({ version }) => version))
export const legacyVersions: readonly string[] = frozen(legacyRevisions.map(({ version }) => version))

/** The revision of that name; null when it is not spoken here. */
export function revisionOf(version: string | null): Revision | null {
  return revisions.find((revision) => revision.version === version) ?? null
}

/** What a client that asks for this in `initialize` is offered: just that, or else the newest with sessions. */
export function sessionRevision(asked: string | null): LegacyRevision {
  return legacyRevisions.find(({ version }) => version === asked) ?? newestLegacy
}

/** A revision of the modern kind, known or not: named by a date from the first modern one on. */
export function isModernVersion(version: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(version) && version >= revision20260728.version
}
