/** However the gateway or the launcher ends, nothing of the sandbox survives. */
import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import t from 'tap'
import { enforceable } from './enforceable.ts'
import { exitOf, makePlan, Stage, type User, users } from './launched.ts'

const stage = new Stage()
t.teardown(() => stage.remove())

/** Two processes that ignore every signal they can, one of them a daemon. */
const stubborn = `trap '' TERM HUP INT; (setsid sleep 600 &) ; sleep 600 & echo started; wait; sleep 600`
const goneWithinMs = 1000

await enforceable(t, 'nothing survives', async (t) => {
  for (const user of users) {
    t.test(`as ${user.name}`, async (t) => {
      t.test('kill -9 of the gateway', async (t) => {
        const held = await hold(user)
        held.gateway.kill('SIGKILL')
        t.same(await survivors(held.processes), [])
      })

      t.test('kill -9 of the launcher', async (t) => {
        const held = await hold(user)
        process.kill(held.launcher, 'SIGKILL')
        t.same(await survivors(held.processes), [])
      })

      t.test("kill -9 of the sandbox's pid 1", async (t) => {
        const held = await hold(user)
        const inner = childrenOf(held.launcher)
        for (const pid of inner) process.kill(pid, 'SIGKILL')
        t.same(await survivors(held.processes), [])
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
          'for i in 1 2 3 4 5; do (true &) ; done; sleep 0.2; cat /proc/[0-9]*/stat | grep -c " Z " || true'
        t.equal((await stage.shell(user, script)).stdout, '0\n')
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
async function untilGrown(launcher: number): Promise<number[]> {
  for (const started = Date.now(); Date.now() - started < 5000; await tick()) {
    const found = [launcher, ...descendantsOf(launcher)]
    if (found.length >= 5) return found
  }
  throw new Error('the sandbox did not come up')
}

async function survivors(processes: readonly number[]): Promise<number[]> {
  let left = processes.filter(isAlive)
  for (const started = Date.now(); left.length > 0 && Date.now() - started < goneWithinMs; await tick()) {
    left = left.filter(isAlive)
  }
  return left
}

function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}

/** A zombie that init has not collected yet runs nothing. */
function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat !== '' && !/\) Z /.test(stat)
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}

function childrenOf(pid: number): number[] {
  const parents = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return parents.filter((name) => read(`/proc/${name}/stat`).split(') ')[1]?.split(' ')[1] === String(pid)).map(Number)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
