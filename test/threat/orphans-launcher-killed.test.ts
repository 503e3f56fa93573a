/** Somebody kills the launcher, or the sandbox's pid 1: what it started must not live on without it. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { send } from '../fixtures/wire.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { childrenOf, processesWith } from '../support/processes.ts'
import { attackThrough, callTool, fixtureTable, makeConfig, serve, sessionOf } from '../support/serve.ts'
import { until } from '../support/until.ts'

const daemon = `
if os.fork() == 0:
    os.setsid()
    for fd in (0, 1, 2):
        os.close(fd)
    time.sleep(1000)
tell('started', mark)
`

for (const which of ['the launcher', 'pid 1'] as const) {
  await enforceable(t, `the sandbox ends with ${which}, and the gateway starts another one`, async (t) => {
    const serving = await serve(t, makeConfig(t, fixtureTable('one', 'unchecked.mjs')))
    const session = await sessionOf(serving, 'one')
    const mark = randomUUID()
    await attackThrough(session, daemon, { mark })
    await t.resolves(until(() => processesWith(mark).length === 1))
    const launchers = childrenOf(serving.pid).filter((pid) => childrenOf(pid).length > 0)
    const victims = which === 'the launcher' ? launchers : launchers.flatMap(childrenOf)
    t.ok(victims.length > 0)
    for (const pid of victims) process.kill(pid, 'SIGKILL')
    await t.resolves(until(() => processesWith(mark).length === 0))
    t.equal((await send(`${serving.url}/health`, 'GET', {})).status, 200)
    const next = await sessionOf(serving, 'one')
    t.match(await callTool(next, 'run', { command: '/bin/sh', args: ['-c', 'echo fine'] }), 'fine')
  })
}
