import t from 'tap'
import { grantable, isGranted, taggedEdits } from '../../../../../lib/protocol/bridge/modern-to-legacy/subscription.ts'
import { messageOf, textWith } from './spliced.ts'

const able = { tools: { listChanged: true }, prompts: {}, resources: { listChanged: true, subscribe: true } }

t.test('what the server can give is granted, and nothing else', (t) => {
  const all = {
    toolsListChanged: true,
    promptsListChanged: true,
    resourcesListChanged: false,
    resourceSubscriptions: ['a', 'a', 1],
  }
  t.strictSame(grantable(all, able), { toolsListChanged: true, resourceSubscriptions: ['a'] })
  t.strictSame(grantable(all, { tools: true, resources: null }), {})
  for (const filter of [null, 'x', [], { toolsListChanged: 'yes', resourceSubscriptions: {} }])
    t.strictSame(grantable(filter, able), {})
  const many = Array.from({ length: 2000 }, (_, index) => `u${index}`)
  t.equal(grantable({ resourceSubscriptions: many }, able).resourceSubscriptions?.length, 1000)
  t.end()
})

t.test('only what was granted passes', (t) => {
  const notification = (method: string, params = '{}') =>
    messageOf(`{"jsonrpc":"2.0","method":"${method}","params":${params}}`)
  const filter = { toolsListChanged: true, resourceSubscriptions: ['x://a'] } as const
  t.ok(isGranted(filter, notification('notifications/tools/list_changed')))
  t.notOk(isGranted(filter, notification('notifications/prompts/list_changed')))
  t.ok(isGranted(filter, notification('notifications/resources/updated', '{"uri":"x://a"}')))
  t.ok(isGranted(filter, notification('notifications/resources/updated', '{"uri":"x://a/part"}')))
  t.notOk(isGranted(filter, notification('notifications/resources/updated', '{"uri":"x://ab"}')))
  t.notOk(isGranted(filter, notification('notifications/resources/updated')))
  t.notOk(isGranted(filter, notification('constructor')))
  t.end()
})

t.test('a notification is tagged with the subscription, whatever it has already', (t) => {
  const tag = '"io.modelcontextprotocol/subscriptionId":"s"'
  const tagged = (rest: string) => {
    const message = messageOf(`{"method":"m"${rest},"jsonrpc":"2.0"}`)
    return textWith(message, taggedEdits(message, '"s"'))
  }
  t.equal(tagged(''), `{"method":"m","params":{"_meta":{${tag}}},"jsonrpc":"2.0"}`)
  t.equal(tagged(',"params":{}'), `{"method":"m","params":{"_meta":{${tag}}},"jsonrpc":"2.0"}`)
  t.equal(tagged(',"params":{"uri":"u"}'), `{"method":"m","params":{"_meta":{${tag}},"uri":"u"},"jsonrpc":"2.0"}`)
  t.equal(tagged(',"params":{"_meta":{"a":1}}'), `{"method":"m","params":{"_meta":{${tag},"a":1}},"jsonrpc":"2.0"}`)
  t.end()
})
