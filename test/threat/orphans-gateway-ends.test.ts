/** Servers that leave daemons behind, when the gateway is killed, and when it is told to end. */
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { descendantsOf, isRunning, processesWith } from '../support/processes.ts'
import { attackThrough, fixtureTable, makeConfig, serve, sessionOf } from '../support/serve.ts'
import { until } from '../support/until.ts'

/** In the background, without a terminal, deaf to signals, and one that starts itself again and again. */
const daemons = `
def settle():
    os.setsid()
    if os.fork() != 0:
        os._exit(0)
    for number in range(1, 65):
        if number not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD, 32, 33):
            signal.signal(number, signal.SIG_IGN)
    for fd in (0, 1, 2):
        os.close(fd)
def sleeper():
    settle()
    time.sleep(1000)
def restless():
    settle()
    for generation in range(100000):
        if os.fork() != 0:
            os._exit(0)
        time.sleep(0.02)
for daemon in (sleeper, sleeper, restless):
    if os.fork() == 0:
        daemon()
tell('started', mark)
`

for (const [how, signal] of [
  ['killed', 'SIGKILL'],
  ['told to end', 'SIGTERM'],
] as const) {
  await enforceable(t, `no process is left when the gateway is ${how}`, async (t) => {
    const toml = fixtureTable('one', 'unchecked.mjs') + fixtureTable('two', 'unchecked.mjs')
    const serving = await serve(t, makeConfig(t, toml))
    const mark = randomUUID()
    for (const name of ['one', 'two']) await attackThrough(await sessionOf(serving, name), daemons, { mark })
    await t.resolves(
      until(() => processesWith(mark).length >= 6),
      'the daemons run',
    )
    // An outer launcher and pid 1 for each copy of a server, the servers, the daemons (one of which is always between two lives).
    const family = await until(() => {
      const found = descendantsOf(serving.pid)
      return found.length >= 12 && found
    })
    const asked = performance.now()
    serving.gateway.kill(signal)
    await until(() => !family.some(isRunning) && processesWith(mark).length === 0)
    t.comment(`gone after ${Math.round(performance.now() - asked)} ms`)
    await serving.ended
    t.same(processesWith(mark), [])
    t.same(processesWith(serving.config.file), [])
  })
}
