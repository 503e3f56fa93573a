/**
 * `filesystem = "host-readonly"` shows no credentials of a home and no sockets. As root, who alone can lay out a home
 * where this mode shows the host: /tmp is replaced.
 */
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { homeCredentials } from '../../lib/policy/relax/host-readonly.ts'
import { Account, users } from '../e2e/sandbox-run.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'
import { lookAtMasked } from '../support/masked.ts'
import { makePlace } from '../support/place.ts'

const filesystem = { kind: 'host-readonly' } as const

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
  const found = await attack(lookAtMasked, {
    filesystem,
    given: { masked: [...homeCredentials.map((name) => join(place.folder, name)), ...files, plain] },
  })
  t.equal(found[plain], 'plain', 'a file that is no known credential is shown: the weakening')
  for (const name of homeCredentials) t.same(found[join(place.folder, name)], [], name)
  for (const file of files) t.equal(found[file], 'ENOENT', file)
  t.equal(homeCredentials.length, new Set(homeCredentials).size)
})

await enforceable(t, 'a socket that somebody listens on is covered', async (t) => {
  const path = await listenIn(t, makePlace(t, '/srv').folder)
  const code = `act('agent', lambda: connect(path))`
  t.match(await attack(code, { filesystem, given: { path } }), { agent: /^E(CONNREFUSED|NOTSOCK|ACCES)$/ })
  t.match(await attack(code, { filesystem: { kind: 'full' }, given: { path } }), { agent: 'allowed' })
})

for (const user of users()) {
  await enforceable(t, `a socket in a folder that is closed stops no sandbox of ${user.name}`, async (t) => {
    const { folder } = makePlace(t, '/srv')
    const path = await listenIn(t, folder)
    chmodSync(folder, 0o700)
    const connect = `require("net").connect(${JSON.stringify(path)}).on("data",()=>console.log("reached")).on("error",e=>console.log(e.code))`
    const outcome = await new Account(t, user).run(['--filesystem', 'host-readonly', '--', 'node', '-e', connect])
    t.match(outcome, { code: 0, stdout: /^E(CONNREFUSED|NOTSOCK|ACCES)\n$/ })
  })
}

/** An agent that answers everybody. */
async function listenIn(t: Test, folder: string): Promise<string> {
  const path = join(folder, 'agent.sock')
  const server = createServer((socket) => socket.on('error', () => {}).end('reached')).listen(path)
  await once(server, 'listening')
  chmodSync(path, 0o777)
  t.teardown(() => new Promise((resolve) => server.close(resolve)))
  return path
}
