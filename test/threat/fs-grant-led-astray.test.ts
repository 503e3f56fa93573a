/** One server puts a symbolic link or a program where another server's were: the other would get, or run, what it wants. */
import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createContext } from '../../lib/sandbox/context.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'
import { fixtureTable, type MadeConfig, makeConfig, mcpo } from '../support/serve.ts'

await enforceable(t, 'a link made by one server does not widen the grant of another', async (t) => {
  const place = makePlace(t)
  const secret = place.file('closed/secret', 'secret')
  place.file('work/part/file', 'part')
  const work = join(place.folder, 'work')
  const context = {
    ...createContext({ configFile: null, environment: process.env }),
    writableGrants: [{ server: 'outer', path: work }],
  }
  const options = { filesystem: paths(`${work}/part`), given: { work, secret }, context }
  t.same(await attack("tell('part', read(f'{work}/part/file'))", options), { part: 'part' })
  renameSync(`${work}/part`, `${work}/old`)
  symlinkSync(join(place.folder, 'closed'), `${work}/part`)
  await t.rejects(attack("tell('secret', read(secret))", options), {
    code: 'CONFIG_ERROR',
    message: /leads to .* by the symbolic link .*, which a server may have made/,
  })
})

await enforceable(t, "a link of the gateway's own user is followed", async (t) => {
  const place = makePlace(t)
  place.file('closed/secret')
  const granted = join(place.folder, 'link')
  symlinkSync('closed', granted)
  const look = "act('read', lambda: read(f'{granted}/secret'))"
  t.same(await attack(look, { filesystem: paths(granted), given: { granted } }), { read: 'allowed' })
})

await enforceable(t, 'a program that another server may write is not started', async (t) => {
  const place = makePlace(t)
  const script = place.file('work/server.mjs', '')
  const config = (granted: string): string =>
    `${fixtureTable('writer', 'unchecked.mjs', `filesystem = ["${granted}"]`)}[[servers]]\nname = "run"\ncommand = "${process.execPath}"\nargs = ["${script}"]\n`
  const outcome = async (granted: string) => doctor(makeConfig(t, config(granted)))
  const refused = await outcome(join(place.folder, 'work'))
  t.match(
    refused.stdout,
    /cannot start run: its program .*server\.mjs lies in .*work, which the server writer may write/,
  )
  t.equal(refused.code, 3)
  t.equal((await outcome(place.makeFolder('other'))).code, 0)
})

function doctor({ file, env }: MadeConfig): ReturnType<typeof mcpo> {
  return mcpo(['doctor', '--config', file], env)
}
