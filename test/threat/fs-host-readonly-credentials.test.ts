/** `filesystem = "host-readonly"` shows the host: not its credentials, not its sockets, and nothing of it can be changed. */
import { once } from 'node:events'
import { chmodSync, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { homeCredentials, systemCredentials } from '../../lib/policy/relax/host-readonly.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const filesystem = { kind: 'host-readonly' } as const
const look = `
for path in masked:
    try:
        tell(path, os.listdir(path) if os.path.isdir(path) else read(path))
    except OSError as error:
        tell(path, errno.errorcode[error.errno])
act('public file', lambda: read('/etc/passwd'))
act('write', lambda: write('/etc/mcpo-new'))
act('write in /usr', lambda: write('/usr/mcpo-new'))
act('private tmp', lambda: write('/tmp/file'))
tell('tmp', os.listdir('/tmp'))
tell('sys', os.listdir('/sys'))
`
// What somebody without rights would see of these on the host; the rest needs no mask to be out of reach.
const readableHere = systemCredentials.filter((path) => existsSync(path) && (statSync(path).mode & 0o004) !== 0)

await enforceable(t, 'the credentials of the system are empty, and what is public can be read', async (t) => {
  const place = makePlace(t)
  t.ok(readableHere.length > 0, 'there is something to mask')
  const found = await attack(look, { filesystem, given: { masked: readableHere } })
  for (const path of readableHere) t.equal((found[path] as string | string[]).length, 0, path)
  t.match(found, {
    'public file': 'allowed',
    write: /^E(ROFS|ACCES)$/,
    'write in /usr': /^E(ROFS|ACCES)$/,
    'private tmp': 'allowed',
  })
  t.notOk((found['tmp'] as string[]).includes(place.folder.split('/').at(-1) ?? ''), 'the tmp of the host is not there')
  t.same(found['sys'], [])
})

const isRoot = process.getuid?.() === 0
// /tmp is replaced in this mode, and an ordinary user has no other place to lay out a home.
if (isRoot) {
  await enforceable(t, 'the credentials in a home are empty', async (t) => {
    const place = makePlace(t, '/srv')
    const { HOME } = process.env
    process.env['HOME'] = place.folder
    t.teardown(() => {
      if (HOME === undefined) delete process.env['HOME']
      else process.env['HOME'] = HOME
    })
    const files = homeCredentials.map((name) => place.file(`${name}/secret`, 'bait'))
    const plain = place.file('notes/plain', 'plain')
    const found = await attack(look, {
      filesystem,
      given: { masked: [...homeCredentials.map((name) => join(place.folder, name)), ...files, plain] },
    })
    t.equal(found[plain], 'plain', 'a file that is no known credential is shown: the weakening')
    for (const name of homeCredentials) t.same(found[join(place.folder, name)], [], name)
    for (const file of files) t.equal(found[file], 'ENOENT', file)
    t.equal(homeCredentials.length, new Set(homeCredentials).size)
  })

  await enforceable(t, 'a socket that somebody listens on is covered', async (t) => {
    const place = makePlace(t, '/srv')
    const path = join(place.folder, 'agent.sock')
    const server = createServer((socket) => socket.end()).listen(path)
    await once(server, 'listening')
    chmodSync(path, 0o777)
    t.teardown(() => new Promise((resolve) => server.close(resolve)))
    const code = `act('agent', lambda: connect(path))`
    t.match(await attack(code, { filesystem, given: { path } }), { agent: /^E(CONNREFUSED|NOTSOCK|ACCES)$/ })
    t.match(await attack(code, { filesystem: { kind: 'full' }, given: { path } }), { agent: 'allowed' })
  })
}
