/** A process of a server that takes all the memory there is. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attackThrough, callTool, fixtureTable, makeConfig, serve, sessionOf } from '../support/serve.ts'
import { strengthsHere } from '../support/strengths.ts'

const bomb = `
def take(mebibytes):
    try:
        room = bytearray(mebibytes << 20)
        for offset in range(0, len(room), 4096):
            room[offset] = 1
    except MemoryError:
        raise OSError(errno.ENOMEM, 'no room')
for mebibytes in (64, 768):
    pid = os.fork()
    if pid == 0:
        act(f'{mebibytes} MiB', lambda: take(mebibytes))
        os._exit(0)
    os.waitpid(pid, 0)
tell('parent', 'lives')
`

await enforceable(t, 'one process cannot have more than max_memory_mb, and no other server pays for it', async (t) => {
  const toml = fixtureTable('greedy', 'unchecked.mjs', 'max_memory_mb = 512\nbest_effort = ["memory"]')
  const session = await sessionOf(await serve(t, makeConfig(t, toml)), 'greedy')
  const { memory } = await strengthsHere(t)
  const attack = attackThrough(session, bomb)
  // A control group ends the server as a whole; without one the process alone is refused.
  if (memory === 'full') await t.rejects(attack, /hit max_memory_mb = 512 and was killed/)
  else t.same(await attack, { '64 MiB': 'allowed', '768 MiB': 'ENOMEM', parent: 'lives' })
  t.match(await callTool(session, 'run', { command: '/bin/sh', args: ['-c', 'echo fine'] }), 'fine')
})
