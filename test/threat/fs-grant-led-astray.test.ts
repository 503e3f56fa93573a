/** One server puts a symbolic link where another server's granted folder was: the other would get what the link leads to. */
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'
import { attackThrough, callTool, fixtureTable, makeConfig, serve, sessionOf } from '../support/serve.ts'

await enforceable(t, 'a link made by one server does not widen the grant of another', async (t) => {
  const place = makePlace(t)
  const secret = place.file('closed/secret', 'secret')
  place.file('work/part/file', 'part')
  const given = { work: join(place.folder, 'work'), closed: join(secret, '..') }
  const toml =
    fixtureTable('outer', 'unchecked.mjs', `filesystem = ["${given.work}"]`) +
    fixtureTable('inner', 'unchecked.mjs', `filesystem = ["${given.work}/part"]`)
  const serving = await serve(t, makeConfig(t, toml))
  const before = await sessionOf(serving, 'inner')
  t.equal(await callTool(before, 'read', { path: `${given.work}/part/file` }), 'part')
  await before.end()

  const exchange = `
os.rename(f'{work}/part', f'{work}/old')
act('link', lambda: os.symlink(closed, f'{work}/part'))`
  t.same(await attackThrough(await sessionOf(serving, 'outer'), exchange, given), { link: 'allowed' })

  const outcome = await sessionOf(serving, 'inner').then(
    (session) => callTool(session, 'read', { path: secret }),
    (error: Error) => error.message,
  )
  t.not(outcome, 'secret')
})

await enforceable(t, "a link of the gateway's own user is followed", async (t) => {
  const place = makePlace(t)
  place.file('closed/secret')
  const granted = join(place.folder, 'link')
  symlinkSync('closed', granted)
  const look = "act('read', lambda: read(f'{granted}/secret'))"
  t.same(await attack(look, { filesystem: paths(granted), given: { granted } }), { read: 'allowed' })
})
