import t from 'tap'
import { ResourceRoutes } from '../../../lib/gateway/resource-routes.ts'

t.test('the first server that lists a URI has it', async (t) => {
  const routes = new ResourceRoutes()
  routes.addUri('one', 'a://x')
  routes.addUri('two', 'a://x')
  t.equal(routes.find('a://x'), 'one')
  t.equal(routes.find('a://y'), null)
})

t.test("a URI that a template can make belongs to the template's server", async (t) => {
  const routes = new ResourceRoutes()
  routes.addTemplate('one', 'test://template/{id}/data')
  routes.addTemplate('two', 'file:///{+path}')
  t.equal(routes.find('test://template/7/data'), 'one')
  t.equal(routes.find('file:///a/b/c'), 'two')
  for (const uri of ['test://template/7', 'test://template/data', 'tests://template/7/data', ''])
    t.equal(routes.find(uri), null, uri)
  t.equal(routes.ofTemplate('file:///{+path}'), 'two')
})

t.test('a listed URI wins over a template, and a literal template stands for itself', async (t) => {
  const routes = new ResourceRoutes()
  routes.addTemplate('one', 'a://{x}')
  routes.addUri('two', 'a://listed')
  routes.addTemplate('three', 'b://fixed')
  t.equal(routes.find('a://listed'), 'two')
  t.equal(routes.find('b://fixed'), 'three')
  t.equal(routes.find('b://fixed/more'), null)
})

t.test('what was learnt of a server is forgotten with its lists, and of that server only', async (t) => {
  const routes = new ResourceRoutes()
  routes.addUri('one', 'a://1')
  routes.addUri('two', 'a://2')
  routes.addTemplate('one', 'b://{x}')
  routes.forget('one')
  t.same([routes.find('a://1'), routes.find('b://x'), routes.find('a://2')], [null, null, 'two'])
})

t.test('a hostile template costs no more than a look', async (t) => {
  const routes = new ResourceRoutes()
  routes.addTemplate('one', `${'{a}a'.repeat(2000)}{a}b`)
  const startedAt = performance.now()
  t.equal(routes.find('a'.repeat(100_000)), null)
  t.ok(performance.now() - startedAt < 100)
})
