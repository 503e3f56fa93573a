/** The control socket of the gateway is a door to everything it may do. */

import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import type { FilesystemPolicy } from '../../lib/policy/model.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makeOwnFiles, modesAbove } from '../support/own-files.ts'

const ways = `
act('control socket', lambda: connect(f'{runtime}/control.sock'))
act('socket beside', lambda: connect(beside))
act('by way of a link', lambda: (os.symlink(runtime, f'{folder}/detour'), connect(f'{folder}/detour/control.sock')))
act('by way of /proc', lambda: connect(f'/proc/self/root{runtime}/control.sock'))
try:
    tell('listed', os.listdir(runtime))
except OSError as error:
    tell('listed', errno.errorcode[error.errno])
`

for (const mode of modesAbove) {
  await enforceable(t, `the control socket cannot be reached under ${mode}`, async (t) => {
    const own = makeOwnFiles(t)
    const { folder } = own.place
    const beside = join(folder, 'beside.sock')
    const filesystem = withGrantOf(beside, own.policies[mode])
    mkdirSync(own.runtime, { recursive: true })
    const control = await listenAt(join(own.runtime, 'control.sock'))
    const other = await listenAt(beside)
    t.teardown(() => Promise.all([control.close(), other.close()]))
    const given = { folder, runtime: own.runtime, beside }
    const found = await attack(ways, { filesystem, context: own.context, given })
    t.equal(found['socket beside'], 'allowed', 'what the policy grants can be connected')
    for (const act of ['control socket', 'by way of a link', 'by way of /proc']) t.equal(found[act], 'ENOENT', act)
    t.same(found['listed'], [])
    t.equal(control.connections, 0)
  })
}

await enforceable(t, 'without a grant no socket of the host can be reached', async (t) => {
  const own = makeOwnFiles(t)
  const path = join(own.place.folder, 'beside.sock')
  const other = await listenAt(path)
  t.teardown(() => other.close())
  const code = `act('socket', lambda: connect(path))`
  t.same(await attack(code, { given: { path } }), { socket: 'ENOENT' })
  t.same(await attack(code, { given: { path }, filesystem: paths(path) }), { socket: 'allowed' })
})

/** A live socket is granted by its own path alone. */
function withGrantOf(socket: string, filesystem: FilesystemPolicy): FilesystemPolicy {
  if (filesystem.kind !== 'paths') return filesystem
  return { ...filesystem, grants: [...filesystem.grants, { path: socket, access: 'rw' }] }
}

async function listenAt(path: string) {
  const state = { connections: 0 }
  const server = createServer((socket) => {
    state.connections += 1
    socket.on('error', () => {}).end()
  })
  server.listen(path)
  await once(server, 'listening')
  chmodSync(path, 0o777)
  return Object.assign(state, { close: () => new Promise((resolve) => server.close(resolve)) })
}
