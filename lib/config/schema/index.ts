/** The whole configuration file, a file per table. Strict: what is not named here is an error. */
import type { z } from 'zod'
import { auditField, auditTable } from './audit.ts'
import { authTable } from './auth.ts'
import { featuresTable } from './features.ts'
import { listOf, table } from './fields.ts'
import { presetsField, presetTable } from './presets.ts'
import { rateLimitField, rateLimitTable } from './rate-limit.ts'
import { registryField, registryTable } from './registry.ts'
import { sandboxTable } from './sandbox.ts'
import { serverTable } from './server.ts'
import { serversTable } from './servers.ts'

export const fileSchema = table({
  server: serverTable.prefault({}),
  auth: authTable.prefault({}),
  features: featuresTable.prefault({}),
  rate_limit: rateLimitField.optional(),
  audit: auditField.optional(),
  servers: listOf(serversTable, 256, '[[servers]] tables').default([]),
  presets: presetsField.optional(),
  registry: registryField.optional(),
})

/** The file as the schema gives it: right types, defaults in, names and units still those of the file. */
export type FileSettings = z.output<typeof fileSchema>
export type ServerEntry = FileSettings['servers'][number]

/** The keys of every table, by its path without list positions: what an unknown key is compared with. */
export const keysOfTable: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    '': fileSchema,
    server: serverTable,
    auth: authTable,
    features: featuresTable,
    rate_limit: rateLimitTable,
    audit: auditTable,
    servers: serversTable,
    'servers.sandbox': sandboxTable,
    presets: presetTable,
    registry: registryTable,
  }).map(([path, schema]) => [path, Object.keys(schema.shape)]),
)
