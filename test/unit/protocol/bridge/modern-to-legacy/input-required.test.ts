import t from 'tap'
import { discoverResult } from '../../../../../lib/protocol/bridge/modern-to-legacy/discover.ts'
import {
  capabilityAsked,
  inputRequestText,
  inputRequiredMessage,
} from '../../../../../lib/protocol/bridge/modern-to-legacy/input-required.ts'
import { messageOf } from './spliced.ts'

t.test('only what clients are asked needs a capability', (t) => {
  t.equal(capabilityAsked('sampling/createMessage'), 'sampling')
  t.equal(capabilityAsked('elicitation/create'), 'elicitation')
  t.equal(capabilityAsked('roots/list'), 'roots')
  t.equal(capabilityAsked('tools/list'), null)
  t.equal(capabilityAsked('constructor'), null)
  t.end()
})

t.test('questions keep their params as they came, on one line', (t) => {
  const question = messageOf('{"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"a":\r\n1e999}}')
  const text = inputRequestText(question)
  t.equal(text, '{"method":"elicitation/create","params":{"a":  1e999}}')
  const roots = inputRequestText(messageOf('{"jsonrpc":"2.0","id":1,"method":"roots/list"}'))
  const entries = new Map([
    ['elicitation_1', text],
    ['__proto__', roots],
  ])
  const message = inputRequiredMessage('"c"', entries, 'state', { name: 's' }).toString()
  t.equal(
    message,
    `{"jsonrpc":"2.0","id":"c","result":{"resultType":"input_required","inputRequests":{"elicitation_1":${text},"__proto__":${roots}},"requestState":"state","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}}}}`,
  )
  t.end()
})

t.test('discover tells what initialize told, of what a modern client can use', (t) => {
  const capabilities = { tools: { listChanged: true }, logging: {}, tasks: {} }
  t.strictSame(discoverResult({ capabilities, instructions: 'i', serverInfo: { name: 's' } }, ['2026-07-28']), {
    resultType: 'complete',
    supportedVersions: ['2026-07-28'],
    capabilities: { tools: { listChanged: true }, logging: {} },
    instructions: 'i',
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { 'io.modelcontextprotocol/serverInfo': { name: 's' } },
  })
  const bare = discoverResult({ capabilities: {}, instructions: null, serverInfo: null }, ['2026-07-28'])
  t.notOk('instructions' in bare || '_meta' in bare)
  t.end()
})
