import { later, oneOf, table, text, wholeNumber } from './fields.ts'

/** `[audit]`: the trail of who called what. */
export const auditTable = table({
  path: text(4096, 'a path').optional(),
  format: oneOf(['json', 'pretty']).optional(),
  max_size_mb: wholeNumber(1, 1_048_576).optional(),
  max_files: wholeNumber(1, 10_000).optional(),
})

export const auditField = later(auditTable, 'the audit trail')
