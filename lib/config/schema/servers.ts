import { z } from 'zod'
import { isServerName, serverNameExpected } from '../names.ts'
import { anyText, flag, listOf, oneOf, table, text, wholeNumber, word } from './fields.ts'
import { remoteFields } from './remote.ts'
import { sandboxTable } from './sandbox.ts'

const maxArgumentLength = 32_768

const tag = word('a tag of letters, digits, ".", "_" and "-", at most 64', (value) =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value),
)
const variableName = word('a variable name of letters, digits and "_"', (value) =>
  /^[A-Za-z_][A-Za-z0-9_]{0,255}$/.test(value),
)

export const tags = listOf(tag, 32, 'tags')
export const description = text(1024)

/** One `[[servers]]` entry. Which keys go with which type is checked in `rules/`. */
export const serversTable = table({
  name: word(serverNameExpected, isServerName),
  type: oneOf(['stdio', 'http', 'streamable-http', 'sse']).optional(),
  command: text(4096, 'a program name or path').optional(),
  args: listOf(anyText(maxArgumentLength), 256, 'strings').default([]),
  env: z.record(variableName, anyText(maxArgumentLength), { error: 'a table of strings' }).optional(),
  cwd: text(4096, 'a path').optional(),
  url: remoteFields.url.optional(),
  headers: remoteFields.headers.optional(),
  allow_private: remoteFields.allow_private.optional(),
  tags: tags.default([]),
  description: description.optional(),
  enabled: flag().default(true),
  startup_timeout_seconds: wholeNumber(1, 3600).default(30),
  request_timeout_seconds: wholeNumber(1, 86_400).default(300),
  max_instances: wholeNumber(1, 1000).default(16),
  protocol: oneOf(['auto', 'legacy', '2026-07-28']).default('auto'),
  instance: oneOf(['auto', 'session', 'principal', 'shared']).default('auto'),
  sandbox: sandboxTable.prefault({}),
})
