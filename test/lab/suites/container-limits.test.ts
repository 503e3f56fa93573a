/** `type = "container"` where the engine has cgroup v2: its limits are held for all of a container together, by either runtime. */
import { closeSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { defaultTraffic, type Policy } from '../../../lib/policy/model.ts'
import { startContainer } from '../../../lib/sandbox/container/start.ts'
import { createContext, type SandboxContext } from '../../../lib/sandbox/context.ts'
import { testEngine } from '../../support/container-engine.ts'

const engine = testEngine()
const runtimes = ['crun', 'runc']
const killed = 137
const MiB = 1024 * 1024
const limit = (value: number) => ({ value, written: true })
const policy: Policy = {
  name: 'box',
  network: false,
  filesystem: { kind: 'readonly' },
  inheritEnvironment: false,
  allowPersistence: [],
  limits: { memoryMb: limit(64), cpuPercent: limit(50), pids: limit(16) },
  traffic: defaultTraffic,
  bestEffort: [],
}

for (const runtime of runtimes) {
  t.test(`${runtime}: the limits are those of the container's control group`, async (t) => {
    const files = ['memory.max', 'memory.swap.max', 'pids.max', 'cpu.max']
    const { code, stdout } = await run(t, runtime, `cd /sys/fs/cgroup && cat ${files.join(' ')}`)
    t.same([code, stdout], [0, `${64 * MiB}\n0\n16\n50000 100000\n`])
  })

  t.test(`${runtime}: a server that uses up its memory is ended`, async (t) => {
    // A line without an end, which it keeps whole.
    const { code, stdout } = await run(t, runtime, 'tail /dev/zero; echo survived')
    t.same([code, stdout], [killed, ''])
  })

  t.test(`${runtime}: no more processes than its limit`, async (t) => {
    const forks = 'for each in $(seq 40); do sleep 600 & echo forked; done'
    const { stdout, stderr } = await run(t, runtime, forks)
    t.match(stderr, /can't fork/)
    t.ok(stdout.split('forked').length - 1 < 16, stdout)
  })
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A shell script in a container whose verdicts on limits are full, to its end. */
async function run(t: Test, runtime: string, script: string): Promise<Ended> {
  const args = ['-c', script]
  const spec = { policy, image: engine.image, command: '/bin/sh', args, env: {}, cwd: null }
  const { stdio, verdicts, exited } = await startContainer(spec, contextFor(t, runtime))
  const held = verdicts.filter(({ guarantee }) => ['memory', 'cpu', 'pids'].includes(guarantee))
  t.same(
    held.map(({ strength }) => strength),
    ['full', 'full', 'full'],
  )
  closeSync(stdio.stdin)
  const said = [stdio.stdout, stdio.stderr].map((fd) => text(new Socket({ fd, writable: false })))
  const [stdout = '', stderr = ''] = await Promise.all(said)
  const { code } = await exited
  return { code, stdout, stderr }
}

function contextFor(t: Test, runtime: string): SandboxContext {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-runtime-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const settings = join(folder, 'containers.conf')
  writeFileSync(settings, `[engine]\nruntime = "${runtime}"\n`)
  const context = createContext({ configFile: null, environment: { ...engine.env, CONTAINERS_CONF: settings } })
  t.teardown(() => context.close())
  return context
}
