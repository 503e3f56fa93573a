/** However the gateway or the launcher ends, nothing of the sandbox survives. */
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import t from 'tap'
import { childrenOf, descendantsOf, isRunning } from '../../support/processes.ts'
import { until } from '../../support/until.ts'
import { enforceable } from './enforceable.ts'
import { exitOf, makePlan, Stage, type User, users } from './launched.ts'

const stage = new Stage()
t.teardown(() => stage.remove())

/** Two processes that ignore every signal they can, one of them a daemon. */
const stubborn = `trap '' TERM HUP INT; (setsid sleep 600 &) ; sleep 600 & echo started; wait; sleep 600`

await enforceable(t, 'nothing survives', async (t) => {
  for (const user of users) {
    t.test(`as ${user.name}`, async (t) => {
      t.test('kill -9 of the gateway', async (t) => {
        const held = await hold(user)
        held.gateway.kill('SIGKILL')
        await t.resolves(until(() => !held.processes.some(isRunning)))
      })

      t.test('kill -9 of the launcher', async (t) => {
        const held = await hold(user)
        process.kill(held.launcher, 'SIGKILL')
        await t.resolves(until(() => !held.processes.some(isRunning)))
      })

      t.test("kill -9 of the sandbox's pid 1", async (t) => {
        const held = await hold(user)
        const inner = childrenOf(held.launcher)
        for (const pid of inner) process.kill(pid, 'SIGKILL')
        await t.resolves(until(() => !held.processes.some(isRunning)))
      })

      t.test('the lifeline closed while the gateway lives', async (t) => {
        const outcome = await stage.run(user, makePlan(user, stubborn), '--let-go')
        t.notSame(outcome.ending, null, 'the launcher has ended, and with it the sandbox')
      })

      t.test('a daemon does not outlive the server', async (t) => {
        const outcome = await stage.shell(user, '(setsid sleep 600 >/dev/null 2>&1 </dev/null &) ; exit 3')
        t.match(exitOf(outcome), { code: 3 })
      })

      t.test('orphans are reaped', async (t) => {
        const script =
          'for i in 1 2 3 4 5; do (true & echo $!) ; done > /tmp/pids; for pid in $(cat /tmp/pids); do while [ -e /proc/$pid ]; do sleep 0.01; done; done; wc -l < /tmp/pids'
        t.equal((await stage.shell(user, script)).stdout, '5\n')
      })
    })
  }
})

interface Held {
  readonly gateway: ChildProcess
  readonly launcher: number
  /** The launcher and everything below it. */
  readonly processes: readonly number[]
}

async function hold(user: User): Promise<Held> {
  const gateway = stage.start(user, makePlan(user, stubborn), '--hold')
  if (gateway.stdout === null) throw new Error('no stdout')
  for await (const line of createInterface({ input: gateway.stdout })) {
    const { launcher } = JSON.parse(line)
    const processes = await untilGrown(launcher)
    return { gateway, launcher, processes }
  }
  throw new Error('the launch failed')
}

/** Launcher, pid 1, shell and its two sleeps. */
function untilGrown(launcher: number): Promise<number[]> {
  return until(() => {
    const found = [launcher, ...descendantsOf(launcher)]
    return found.length >= 5 && found
  })
}
