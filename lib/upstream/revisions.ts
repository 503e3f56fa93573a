/** Revisions without sessions, newest first. */
export const modernVersions: readonly string[] = ['2026-07-28']
/** Revisions with `initialize`, newest first. */
export const legacyVersions: readonly string[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05']

/** A revision of the modern kind, known or not: named by a date from the first modern one on. */
export function isModernVersion(version: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(version) && version >= '2026-07-28'
}
