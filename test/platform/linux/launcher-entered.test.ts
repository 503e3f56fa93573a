/** The launcher that only makes listeners in another process's network: where it does, and where it refuses. */
import { type ChildProcess, spawn as spawnProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { isNativeFailure, launcherPath, spawn } from '../../../lib/native/index.ts'
import type { StepFailure } from '../../../lib/policy/host.ts'
import { Life } from '../../../lib/sandbox/life.ts'
import { plainPlan } from '../../support/plain-plan.ts'
import { enforceable } from './enforceable.ts'

const isRoot = process.getuid?.() === 0
/** As an engine of this user would make a network; without a command of its own it only waits. */
const apart = ['unshare', ...(isRoot ? [] : ['--user', '--map-root-user']), '--net']
const waits = 'echo ready; exec cat'

/** A process that has run `script` in a network of its own, and waits. */
async function networkWith(t: Test, script = ''): Promise<number> {
  const [command = '', ...args] = [...apart, 'sh', '-ec', `${script}\n${waits}`]
  const child: ChildProcess = spawnProcess(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  if (child.stdout === null) throw new Error('no pipe')
  await once(child.stdout, 'data')
  return child.pid ?? -1
}

function enter(enteredPid: number): Life {
  const nothing = openSync('/dev/null', 'r+')
  const plan = { ...plainPlan, egress: { ports: [443], routes: ['10.1.2.0/24'] }, enteredPid }
  const stdio = [nothing, nothing, nothing] as const
  const child = spawn(plan, { launcher: launcherPath, stdio, cgroup: null, refusals: 'answered' })
  closeSync(nothing)
  if (isNativeFailure(child)) throw new Error(`${child.stage} ${child.errno}`)
  return new Life(child)
}

async function failureOf(enteredPid: number): Promise<StepFailure | null> {
  const life = enter(enteredPid)
  void life.listening.then(() => life.kill())
  await life.exited
  return life.failure
}

await enforceable(t, 'listeners are made in the network of the process, and in no other', async (t) => {
  const pid = await networkWith(t)
  const life = enter(pid)
  const [proof] = await Promise.all([life.ready, life.listening])
  t.strictSame(proof, { found: {}, refused: { 'reach-out': 'ENETUNREACH' } })
  const sockets = life.takeListeners()
  t.equal(sockets.length, 4)
  // Ports in hexadecimal: 3128 and 1080, and 443 of both families.
  const listening = (of: string): string => readFileSync(`/proc/${of}/net/tcp`, 'latin1')
  for (const port of ['0100007F:0C38', '0100007F:0438']) {
    t.match(listening(String(pid)), port)
    t.notMatch(listening('self'), port)
  }
  t.match(readFileSync(`/proc/${pid}/net/tcp6`, 'latin1'), ':01BB ')
  t.match(readFileSync(`/proc/${pid}/net/fib_trie`, 'latin1'), /10\.1\.2\.0\s+\/24 host LOCAL/)
  life.kill()
  t.match(await life.exited, { code: null, signal: 'SIGKILL' })
  for (const fd of sockets) closeSync(fd)
})

await enforceable(t, 'a network that has a route is refused, and so is our own', async (t) => {
  const routed = await networkWith(t, 'ip link set lo up\nip route add default dev lo')
  t.match(await failureOf(routed), { step: 'enter', errno: 'EEXIST', detail: 'its network has a route' })
  const own = await failureOf(process.pid)
  t.equal(own?.step, 'enter')
  t.match(own?.detail, /network/)
})

await enforceable(t, 'a process that is gone is refused', async (t) => {
  const child = spawnProcess('true')
  await once(child, 'exit')
  t.match(await failureOf(child.pid ?? -1), { step: 'enter', errno: 'ESRCH', detail: 'process' })
})

// Root has the right over all.
if (!isRoot) {
  await enforceable(t, 'a process of somebody else is not entered', async (t) => {
    t.match(await failureOf(1), { step: 'enter', errno: 'EPERM' })
  })
}
