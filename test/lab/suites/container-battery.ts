/** The limits of a container where its engine has cgroup v2: read from inside, and broken. */
import { closeSync, mkdtempSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { defaultTraffic, type Policy } from '../../../lib/policy/model.ts'
import { startContainer } from '../../../lib/sandbox/container/start.ts'
import { createContext, type SandboxContext } from '../../../lib/sandbox/context.ts'

/** An engine, and a root with busybox that it has as an image. */
export interface Containers {
  readonly name: string
  readonly image: string
  /** By which the gateway finds the engine, and its client its settings. */
  readonly environment: NodeJS.ProcessEnv
  /** Out of memory, the kernel ends all processes of a container; else one of them. */
  readonly endsWhole: boolean
}

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

export function containerBattery(containers: Containers): void {
  const { name, endsWhole } = containers
  t.test(`${name}: the limits are those of the container's control group`, async (t) => {
    const files = ['memory.max', 'memory.swap.max', 'memory.oom.group', 'pids.max', 'cpu.max']
    const { code, stdout } = await run(t, containers, `cd /sys/fs/cgroup && cat ${files.join(' ')}`)
    t.same([code, stdout], [0, `${64 * MiB}\n0\n${endsWhole ? 1 : 0}\n16\n50000 100000\n`])
  })

  t.test(`${name}: a server that uses up its memory is ended`, async (t) => {
    // A line without an end, which it keeps whole.
    t.match(await run(t, containers, 'exec tail /dev/zero'), { code: killed })
    const { code, stdout } = await run(t, containers, 'tail /dev/zero; echo "the shell was not"')
    t.same([code, stdout], endsWhole ? [killed, ''] : [0, 'the shell was not\n'])
  })

  t.test(`${name}: no more processes than its limit`, async (t) => {
    const forks = 'for each in $(seq 40); do sleep 600 & echo forked; done'
    const { stdout, stderr } = await run(t, containers, forks)
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
async function run(t: Test, { image, environment }: Containers, script: string): Promise<Ended> {
  const spec = { policy, image, command: '/bin/sh', args: ['-c', script], env: {}, cwd: null }
  const { stdio, verdicts, exited } = await startContainer(spec, contextFor(t, environment))
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

/** Of a gateway with a state of its own. */
function contextFor(t: Test, environment: NodeJS.ProcessEnv): SandboxContext {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-state-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const context = createContext({ configFile: null, environment: { ...environment, STATE_DIRECTORY: folder } })
  t.teardown(() => context.close())
  return context
}
