import { later, listOf, table, text } from './fields.ts'
import { description, tags } from './servers.ts'

/** `[[presets]]`: a named choice of servers by their tags. */
export const presetTable = table({
  name: text(32),
  tags: tags.optional(),
  description: description.optional(),
})

export const presetsField = later(listOf(presetTable, 256, '[[presets]] tables'), 'presets')
