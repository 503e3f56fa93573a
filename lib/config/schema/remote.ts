import { z } from 'zod'
import { anyText, flag, word } from './fields.ts'

const maxUrlLength = 2048
const maxHeaders = 64

const headerName = word('a header name of letters, digits, "-" and "_"', (name) => /^[A-Za-z0-9_-]{1,128}$/.test(name))

/** What the gateway itself says to a server, and what belongs to the connection. */
const ownHeader =
  /^(accept|accept-encoding|connection|content-.*|expect|host|keep-alive|last-event-id|mcp-.*|proxy-.*|te|trailer|transfer-encoding|upgrade)$/i

/** The keys of a `[[servers]]` entry that is spoken to over HTTP. */
export const remoteFields = {
  url: word(`an http or https URL of at most ${maxUrlLength} characters, without user, password and "#"`, isEndpoint),
  headers: z
    .record(headerName, anyText(8192), { error: 'a table of strings' })
    .refine((headers) => Object.keys(headers).length <= maxHeaders, { error: `at most ${maxHeaders} headers` })
    .refine((headers) => !Object.keys(headers).some((name) => ownHeader.test(name)), {
      error: 'no headers that the protocol sets itself (Accept, Content-*, Host, Mcp-*, Connection …)',
    }),
  allow_private: flag(),
}

function isEndpoint(value: string): boolean {
  if (value.length > maxUrlLength || !URL.canParse(value)) return false
  const { protocol, username, password, hash } = new URL(value)
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '' && hash === ''
}
