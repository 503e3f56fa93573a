/**
 * `allow_persistence = ["git", …]`: what the server writes may be run by other programs later.
 *
 * Reason: a server that installs git hooks or edits the settings of an editor, as its purpose.
 * Risk: what it writes there runs outside the sandbox, with the user's rights, at the next commit, the next login or when
 * the folder is next opened. The names are in `policy/persistence.ts`.
 */
import type { Relaxation } from './relaxation.ts'

export const allowPersistence: Relaxation = {
  setting: 'allow_persistence',
  applies: (policy) => policy.allowPersistence.length > 0,
  leaves: { 'fs-write': 'partial' },
  risk: 'the server may leave hooks, settings or start files that other programs run outside the sandbox',
}
