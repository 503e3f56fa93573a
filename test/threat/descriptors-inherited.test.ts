/** Whatever the gateway was started with open, a server must not find. */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { findingsOf, packageFolder, python, pythonArguments } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'
import { attackThrough, fixtureTable, makeConfig, serve, sessionOf } from '../support/serve.ts'

const look = `
def kinds(pid):
    folder = f'/proc/{pid}/fd'
    return {fd: os.readlink(f'{folder}/{fd}').split(':')[0] for fd in os.listdir(folder) if os.path.exists(f'{folder}/{fd}') or os.path.islink(f'{folder}/{fd}')}
own = {fd: kind for fd, kind in kinds('self').items() if not kind.startswith('/proc/')}
tell('own', own)
tell('parent', sorted(set(kinds(os.getppid()).values())) if os.getppid() != 1 else [])
act('bait', lambda: os.read(5, 100))
`

await enforceable(t, 'a server behind mcpo serve finds nothing but its three streams', async (t) => {
  const bait = openSync(makePlace(t).file('bait'), 'r+')
  t.teardown(() => closeSync(bait))
  const config = makeConfig(t, fixtureTable('looks', 'unchecked.mjs'))
  const serving = await serve(t, config, ['ignore', 'pipe', 'pipe', bait, bait, bait, bait])
  const found = await attackThrough(await sessionOf(serving, 'looks'), look)
  t.same(Object.keys(found['own'] as object), ['0', '1', '2'])
  t.equal(found['bait'], 'EBADF')
  const ofServer = found['parent'] as string[]
  t.notOk(
    ofServer.some((kind) => kind.includes('bait')),
    `${ofServer}`,
  )
})

await enforceable(t, 'a command in mcpo sandbox run finds nothing but its three streams', async (t) => {
  const bait = openSync(makePlace(t).file('bait'), 'r+')
  t.teardown(() => closeSync(bait))
  const args = [join(packageFolder, 'bin/mcpo.js'), 'sandbox', 'run', '--', python, ...pythonArguments(look)]
  const env = { PATH: process.env['PATH'], HOME: makePlace(t).folder }
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit', bait, bait, bait, bait] })
  if (child.stdout === null) throw new Error('no pipe')
  const found = findingsOf(await text(child.stdout))
  t.same(Object.keys(found['own'] as object), ['0', '1', '2'])
  t.equal(found['bait'], 'EBADF')
})
