/** A server that multiplies until nothing is left for anybody else. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { send } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { processesWith } from '../support/processes.ts'
import { attackThrough, callTool, fixtureTable, makeConfig, serve, sessionOf } from '../support/serve.ts'
import { until } from '../support/until.ts'

const maxPids = 48
const bomb = `
def multiply():
    os.setsid()
    for fd in (0, 1, 2):
        os.close(fd)
    for round in range(100000):
        try:
            os.fork()
        except OSError:
            time.sleep(0.05)
if os.fork() == 0:
    multiply()
tell('mark', mark)
`

await enforceable(t, 'a fork bomb stops at max_pids, and the gateway serves the others meanwhile', async (t) => {
  const toml = fixtureTable('bomb', 'unchecked.mjs', `max_pids = ${maxPids}`) + fixtureTable('calm', 'unchecked.mjs')
  const serving = await serve(t, makeConfig(t, toml))
  const [bad, good] = await Promise.all([sessionOf(serving, 'bomb'), sessionOf(serving, 'calm')])
  const mark = randomUUID()
  await attackThrough(bad, bomb, { mark })
  await t.resolves(
    until(() => processesWith(mark).length > maxPids / 2),
    'it multiplies',
  )
  t.ok(processesWith(mark).length <= maxPids, `${processesWith(mark).length} processes`)
  t.equal((await send(`${serving.url}/health`, 'GET', {})).status, 200)
  t.match(await callTool(good, 'run', { command: '/bin/sh', args: ['-c', 'echo fine'] }), 'fine')
  t.match(await callTool(bad, 'environment', {}), /HOME/, 'the server that is full answers what needs no new process')
  t.ok(processesWith(mark).length <= maxPids)
  await bad.end()
  await t.resolves(
    until(() => processesWith(mark).length === 0),
    'all of them end with the session',
  )
})
