import t from 'tap'
import { eraOf } from '../../../lib/gateway/era.ts'
import type { Claims } from '../../../lib/gateway/model.ts'
import { parseMessage } from '../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'

const none: Claims = {
  sessionId: undefined,
  lastEventId: undefined,
  protocolVersion: undefined,
  method: undefined,
  name: undefined,
  paramHeaders: {},
}
const modernHeader = { ...none, protocolVersion: '2026-07-28' }
const legacyHeader = { ...none, sessionId: 'x', protocolVersion: '2025-11-25' }
const envelope = { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' } }

const era = (method: string, params: object, claims: Claims) =>
  eraOf(parseMessage([Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))], scanChunkJs), claims)

t.test('an envelope in the body is modern, whatever the headers say', async (t) => {
  for (const claims of [none, modernHeader, legacyHeader]) t.equal(era('tools/list', envelope, claims), 'modern')
  t.equal(era('initialize', envelope, none), 'modern')
})

t.test('initialize without an envelope is legacy, whatever the headers say', async (t) => {
  for (const claims of [none, modernHeader, legacyHeader]) t.equal(era('initialize', {}, claims), 'legacy')
})

t.test('where the body says nothing the header decides', async (t) => {
  t.equal(era('tools/list', {}, modernHeader), 'modern')
  t.equal(era('tools/list', {}, { ...none, protocolVersion: '2099-01-01' }), 'modern')
  t.equal(era('tools/list', {}, legacyHeader), 'legacy')
  t.equal(era('tools/list', {}, none), 'legacy')
  t.equal(era('tools/list', {}, { ...none, protocolVersion: 'zzzz' }), 'legacy')
})
