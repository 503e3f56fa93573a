import { later, table, text, wholeNumber } from './fields.ts'

/** `[registry]`: where `mcpo mcp add` looks servers up. */
export const registryTable = table({
  url: text(2048, 'a URL').optional(),
  cache_dir: text(4096, 'a path').optional(),
  cache_ttl_hours: wholeNumber(1, 8760).optional(),
})

export const registryField = later(registryTable, 'the registry client')
