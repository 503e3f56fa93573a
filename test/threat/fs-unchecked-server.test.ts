/** A server that opens every path it is given, behind the real gateway: the kernel has the last word. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { makePlace } from '../support/place.ts'
import { callTool, fixtureTable, makeConfig, serve, sessionOf } from '../support/serve.ts'

await enforceable(t, 'a call outside the granted folder is refused although the server checks nothing', async (t) => {
  const place = makePlace(t)
  const inside = place.file('open/inside', 'inside')
  const outside = place.file('closed/outside', 'outside')
  const open = join(inside, '..')
  const config = makeConfig(t, fixtureTable('files', 'unchecked.mjs', `filesystem = [${JSON.stringify(open)}]`))
  const session = await sessionOf(await serve(t, config), 'files')

  t.equal(await callTool(session, 'read', { path: inside }), 'inside')
  t.equal(await callTool(session, 'write', { path: join(open, 'new'), text: 'x' }), 'written')
  t.equal(readFileSync(join(open, 'new'), 'utf8'), 'x')

  const dots = `${open}/../closed/outside`
  for (const path of [outside, dots, config.file, '/etc/shadow', `/proc/self/root${outside}`, '/proc/1/environ']) {
    t.match(await callTool(session, 'read', { path }), /^E(NOENT|ACCES)$/, path)
  }
  const target = join(place.folder, 'closed/new')
  for (const path of [target, '/etc/mcpo-new', '/usr/mcpo-new', '/mcpo-new']) {
    t.match(await callTool(session, 'write', { path, text: 'x' }), /^E(NOENT|ROFS|ACCES)$/, path)
  }
  t.notOk(existsSync(target))
  await session.end()
})
