import t from 'tap'
import { ResourceRoutes, RoutesByPrincipal } from '../../../lib/gateway/resource-routes.ts'

/** Whose a URI is; null: nobody's. */
const ownerOf = (routes: ResourceRoutes, uri: string) => routes.find(uri)?.server ?? null

t.test('the first server that lists a URI has it', async (t) => {
  const routes = new ResourceRoutes()
  t.equal(routes.addUri('one', 'a://x'), true)
  t.equal(routes.addUri('one', 'a://x'), true)
  t.equal(routes.addUri('two', 'a://x'), false)
  t.same(routes.find('a://x'), { server: 'one', uri: 'a://x' })
  t.equal(ownerOf(routes, 'a://y'), null)
})

t.test('what another server calls the same is shown under an alias that leads back to it', async (t) => {
  const routes = new ResourceRoutes()
  for (const server of ['one', 'two']) routes.addUri(server, 'a://x?y#z')
  for (const server of ['one', 'two']) routes.addTemplate(server, 'b://{id}')
  t.equal(routes.shown('one', 'a://x?y#z'), 'a://x?y#z')
  const alias = routes.shown('two', 'a://x?y#z')
  t.equal(alias, 'mcpo:two/a://x?y#z')
  t.same(routes.find(alias), { server: 'two', uri: 'a://x?y#z' })
  t.same(new ResourceRoutes().find(alias), { server: 'two', uri: 'a://x?y#z' })
  t.equal(routes.shown('two', 'b://{id}'), 'mcpo:two/b://{id}')
  t.same(routes.ofTemplate('mcpo:two/b://{id}'), { server: 'two', uri: 'b://{id}' })
  t.equal(routes.shown('two', 'a://other'), 'a://other')
})

t.test('a URI of any length is shown, and a long one is not kept', async (t) => {
  const routes = new ResourceRoutes()
  const long = `a://${'x'.repeat(8 * 1024)}`
  for (const uri of [long, long.slice(0, 8 * 1024)]) {
    t.equal(routes.addUri('one', uri), true)
    t.equal(routes.addTemplate('one', uri), true)
    t.equal(routes.shown('one', uri), uri)
  }
  t.same([ownerOf(routes, long), ownerOf(routes, long.slice(0, 8 * 1024))], [null, 'one'])
})

t.test('a URI that looks like an alias is never shown as it is', async (t) => {
  const routes = new ResourceRoutes()
  routes.addUri('one', 'mcpo:two/a://x')
  const alias = routes.shown('one', 'mcpo:two/a://x')
  t.same(routes.find(alias), { server: 'one', uri: 'mcpo:two/a://x' })
})

t.test('a shared URI keeps its owner when lists change', async (t) => {
  const routes = new ResourceRoutes()
  for (const server of ['one', 'two']) routes.addUri(server, 'a://x')
  routes.forget('one')
  t.equal(routes.addUri('two', 'a://x'), false)
  t.equal(ownerOf(routes, 'a://x'), 'one')
})

t.test("a URI that a template can make belongs to the template's server", async (t) => {
  const routes = new ResourceRoutes()
  routes.addTemplate('one', 'test://template/{id}/data')
  routes.addTemplate('two', 'file:///{+path}')
  t.equal(ownerOf(routes, 'test://template/7/data'), 'one')
  t.equal(ownerOf(routes, 'file:///a/b/c'), 'two')
  for (const uri of ['test://template/7', 'test://template/data', 'tests://template/7/data', ''])
    t.equal(ownerOf(routes, uri), null, uri)
  t.equal(routes.ofTemplate('file:///{+path}')?.server, 'two')
})

t.test('a listed URI wins over a template, and a literal template stands for itself', async (t) => {
  const routes = new ResourceRoutes()
  routes.addTemplate('one', 'a://{x}')
  routes.addUri('two', 'a://listed')
  routes.addTemplate('three', 'b://fixed')
  t.equal(ownerOf(routes, 'a://listed'), 'two')
  t.equal(ownerOf(routes, 'b://fixed'), 'three')
  t.equal(ownerOf(routes, 'b://fixed/more'), null)
})

t.test('what was learnt of a server is forgotten with its lists, and of that server only', async (t) => {
  const routes = new ResourceRoutes()
  routes.addUri('one', 'a://1')
  routes.addUri('two', 'a://2')
  routes.addTemplate('one', 'b://{x}')
  routes.forget('one')
  t.same(
    ['a://1', 'b://x', 'a://2'].map((uri) => ownerOf(routes, uri)),
    [null, null, 'two'],
  )
})

t.test('a hostile template costs no more than a look: it does not go back and forth', async (t) => {
  const routes = new ResourceRoutes()
  routes.addTemplate('one', `${'{a}a'.repeat(2000)}{a}b`)
  // Whoever tries every split of it does not come to an end.
  t.equal(routes.find('a'.repeat(100_000)), null)
})

t.test('what no list shows belongs to whoever linked to it first, whoever lists it later', async (t) => {
  const routes = new ResourceRoutes()
  t.equal(routes.linked('two', 'a://x'), 'a://x')
  t.equal(routes.linked('one', 'a://x'), 'mcpo:one/a://x')
  t.equal(ownerOf(routes, 'a://x'), 'two')
  t.equal(routes.addUri('one', 'a://x'), false)
  t.equal(routes.shown('one', 'a://x'), 'mcpo:one/a://x')
  t.equal(ownerOf(routes, 'a://x'), 'two')
})

t.test("a link to what another server's list or template has is an alias", async (t) => {
  const routes = new ResourceRoutes()
  routes.addUri('one', 'a://x')
  routes.addTemplate('one', 'b://{id}')
  t.same(
    ['a://x', 'b://7', 'mcpo:one/a://x'].map((uri) => routes.linked('two', uri)),
    ['mcpo:two/a://x', 'mcpo:two/b://7', 'mcpo:two/mcpo:one/a://x'],
  )
  t.same(
    ['a://x', 'b://7'].map((uri) => routes.linked('one', uri)),
    ['a://x', 'b://7'],
  )
})

t.test('links are remembered within a bound: the oldest is forgotten', async (t) => {
  const routes = new ResourceRoutes()
  for (let count = 0; count <= 1000; count += 1) routes.linked('one', `a://${count}`)
  t.equal(ownerOf(routes, 'a://0'), null)
  t.equal(ownerOf(routes, 'a://1000'), 'one')
  routes.linked('one', `a://${'x'.repeat(10_000)}`)
  t.equal(ownerOf(routes, `a://${'x'.repeat(10_000)}`), null)
})

t.test('what one principal was shown is nothing to another', async (t) => {
  const routes = new RoutesByPrincipal()
  routes.of('ann').linked('one', 'a://x')
  t.equal(ownerOf(routes.of('bob'), 'a://x'), null)
  t.equal(ownerOf(routes.of('ann'), 'a://x'), 'one')
  for (let count = 0; count < 256; count += 1) routes.of(`p${count}`)
  t.equal(ownerOf(routes.of('ann'), 'a://x'), null, 'long unseen')
})
