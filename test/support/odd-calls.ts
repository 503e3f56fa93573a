/** Calls of a tool with any content, their answers, and what a server says before these; in each era. */
import fc from 'fast-check'
import { scalarText, spelled, stringText, valueText } from './odd-json.ts'
import { answerText, notificationText, requestText, slot } from './odd-messages.ts'

/** What the protocol itself reads of a call. */
const named = { name: fc.constant(slot('name')), arguments: fc.constant('{}') }
const progressToken = fc.constant(slot('token'))

export const envelope = {
  'io.modelcontextprotocol/protocolVersion': spelled('2026-07-28'),
  'io.modelcontextprotocol/clientCapabilities': fc.oneof(
    fc.constant('{}'),
    valueText.map((value) => `{"x":${value}}`),
  ),
  'io.modelcontextprotocol/logLevel': spelled('debug'),
}

const parts = { id: scalarText, token: scalarText, answer: answerText }
const legacyText = requestText({ method: 'tools/call', params: named, meta: { progressToken } })
const modernText = requestText({ method: 'tools/call', params: named, meta: { ...envelope, progressToken } })

export const legacyCall = fc.record({ ...parts, request: legacyText, name: stringText(20) })
/** The name stands in a header too: that carries characters, and half of one is none. */
export const modernCall = fc.record({
  ...parts,
  request: modernText,
  name: stringText(20).filter((text) => !/\p{Surrogate}/u.test(JSON.parse(text) as string)),
})

export const logText = notificationText({ method: 'notifications/message' })
export const progressText = notificationText({ method: 'notifications/progress', params: { progressToken } })

/** What a request of 2026-07-28 says in its headers. `name`: JSON text. */
export function headersOf(method: string, name?: string): Record<string, string> {
  const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method }
  if (name === undefined) return headers
  const text = JSON.parse(name) as string
  return { ...headers, 'mcp-name': `=?base64?${Buffer.from(text).toString('base64')}?=` }
}

/** How an endpoint of all servers, or of one alone, names the tools of the server `one` (JSON text). */
export const namings = {
  one: { publicName: (name: string) => name, realName: (name: string) => name },
  all: {
    publicName: (name: string) => `"one__${name.slice(1)}`,
    realName: (name: string) => JSON.stringify(JSON.parse(name)),
  },
} as const
