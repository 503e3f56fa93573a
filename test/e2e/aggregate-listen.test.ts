/** `/mcp`: one `subscriptions/listen` to resources of several servers, of both eras, in the client's own words. */
import t from 'tap'
import { fixtureServer, server, startGateway } from '../fixtures/gateway.ts'
import { ask, open, resultOf } from './bridge-modern-wire.ts'

const linked = fixtureServer('linked.mjs')
const { gateway, url } = await startGateway([
  server('one', [linked, 'one', 'modern']),
  server('two', [linked, 'two', 'modern']),
  server('old', [linked, 'old', 'legacy']),
])
t.teardown(() => gateway.stop(0))
const all = `${url}/mcp`

const listenTo = (resourceSubscriptions: readonly string[]) =>
  open(all, { method: 'subscriptions/listen', params: { notifications: { resourceSubscriptions } }, id: 'sub' })
const touch = (name: string, uri: string) =>
  ask(all, { params: { name: `${name}__touch`, arguments: { uris: [uri] } } })
const filtersHeardBy = async (name: string): Promise<unknown[]> => {
  const { content } = await resultOf(all, { params: { name: `${name}__heard`, arguments: {} } })
  return content.map(({ text }: { text: string }) => JSON.parse(text).params.notifications)
}

t.test('each server is asked for its own resources by its own names', async (t) => {
  const uris = ['shared://one', 'mcpo:two/shared://one', 'mcpo:old/shared://one', 'unheard://of']
  const stream = await listenTo(uris)
  const first = await stream.next()
  t.equal(first?.method, 'notifications/subscriptions/acknowledged')
  const granted = first?.params?.['notifications'] as { resourceSubscriptions: string[] } | undefined
  t.same(granted?.resourceSubscriptions.toSorted(), uris.toSorted())
  t.same(await filtersHeardBy('one'), [{ resourceSubscriptions: ['shared://one', 'unheard://of'] }])
  t.same(await filtersHeardBy('two'), [{ resourceSubscriptions: ['shared://one', 'unheard://of'] }])
  for (const [name, uri] of [
    ['two', 'mcpo:two/shared://one'],
    ['one', 'shared://one'],
    ['old', 'mcpo:old/shared://one'],
  ] as const) {
    await touch(name, 'shared://one')
    const event = await stream.next()
    t.match(event, { method: 'notifications/resources/updated', params: { uri } })
    t.same(event?.params?.['_meta'] as object, { 'io.modelcontextprotocol/subscriptionId': 'sub' })
  }
  stream.close()
})

t.test('a server that has none of them is not asked', async (t) => {
  const stream = await listenTo(['mcpo:two/shared://one'])
  t.match(await stream.next(), { params: { notifications: { resourceSubscriptions: ['mcpo:two/shared://one'] } } })
  t.same(await filtersHeardBy('one'), [])
  t.same(await filtersHeardBy('two'), [{ resourceSubscriptions: ['shared://one'] }])
  stream.close()
})

t.test('what a server was not asked for is not granted', async (t) => {
  const stream = await listenTo(['mcpo:nobody/shared://one'])
  const first = await stream.next()
  t.same(first?.params?.['notifications'], {})
  stream.close()
})
