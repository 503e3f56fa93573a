// Each wall left out, with the self-check of the product: nothing may start, and what is missing is told by name. And a launcher
// without the self-check: there it is the gateway that does not take what was not proved.
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { launcherPath } from '../../../lib/native/index.ts'
import { enforceable } from './enforceable.ts'
import { Stage } from './launched.ts'
import { launcherWithout, runSandboxed, type Wall } from './sandboxed.ts'

interface Broken {
  readonly wall: Wall
  readonly found: RegExp
}

const broken: readonly Broken[] = [
  { wall: 'seccomp', found: /"self-check".*Seccomp: 0/ },
  { wall: 'landlock', found: /"self-check".*Landlock: a device could be made/ },
  { wall: 'capabilities', found: /"self-check".*Cap\w+: [0-9a-f]*[1-9a-f]/ },
  { wall: 'no-new-privs', found: /"self-check".*(CapPrm: [0-9a-f]*[1-9a-f]|NoNewPrivs: 0)/ },
  { wall: 'masks', found: /"self-check".*writable mount: \/proc/ },
  { wall: 'own-ids', found: /"self-check".*Uid: 0 0 0 0/ },
  { wall: 'read-only-root', found: /"self-check".*writable mount: \/"/ },
  { wall: 'host-tree-gone', found: /"self-check".*mount: the host's tree is above the root directory/ },
  { wall: 'closed-descriptors', found: /"self-check".*descriptor \d+: / },
  { wall: 'network-namespace', found: /"self-check".*(namespace of the host: net|network device: )/ },
  { wall: 'ipc-namespace', found: /"self-check".*namespace of the host: ipc/ },
  { wall: 'uts-namespace', found: /"self-check".*namespace of the host: uts/ },
  { wall: 'cgroup-namespace', found: /"self-check".*namespace of the host: cgroup/ },
  { wall: 'nosuid-mounts', found: /"self-check".*mount that honours setuid bits: / },
  // The kernel gives a proc only to who has a pid namespace of its own.
  { wall: 'pid-namespace', found: /"proc".*EPERM/ },
]

await enforceable(t, 'a launcher that is broken starts nothing:', async (t) => {
  for (const { wall, found } of broken) {
    t.test(`${wall} left out`, async (t) => {
      await t.rejects(runSandboxed({ without: [wall], command: '/usr/bin/true', args: [] }), { message: found })
    })
  }

  t.test('the same launcher starts with nothing left out', async (t) => {
    const { status } = await runSandboxed({ without: [], command: '/usr/bin/true', args: [] })
    t.strictSame(status, { code: 0, signal: null })
  })
})

await enforceable(t, 'the released launcher leaves out nothing, whatever its plan says', async (t) => {
  t.ok(readFileSync(launcherWithout).includes('MCPO_WITHOUT'))
  t.notOk(readFileSync(launcherPath).includes('MCPO_WITHOUT'))
  const env = { MCPO_WITHOUT: 'seccomp' }
  const { stdout } = await runSandboxed({ command: '/bin/sh', args: ['-c', 'cat /proc/self/status; env'], env })
  t.match(stdout, /^Seccomp:\t2$/m)
  t.match(stdout, /^MCPO_WITHOUT=seccomp$/m)
})

await enforceable(t, 'a launcher that proves nothing is ended, and the start fails with what is missing', async (t) => {
  const stage = new Stage()
  t.teardown(() => stage.remove())
  copyFileSync(launcherWithout, join(stage.folder, 'build/Release/mcpo-launch'))
  const started = (env: Record<string, string>) =>
    JSON.parse(execFileSync(process.execPath, startArguments(stage, env), { encoding: 'utf8' }))
  t.equal(started({}), 'started')
  t.match(started({ MCPO_WITHOUT: 'self-check' }), {
    code: 'SANDBOX_ERROR',
    data: { step: 'proof', errno: 'EPROTO', detail: 'CapInh is missing instead of 0000000000000000' },
  })
})

/** Of a program that starts a server from the stage, and tells what came of it. */
function startArguments({ folder }: Stage, env: Record<string, string>): string[] {
  const limit = '{ value: 64, written: false }'
  const script = `
    import { createContext } from '${folder}/dist/lib/sandbox/context.js'
    import { startServer } from '${folder}/dist/lib/sandbox/start.js'
    const policy = {
      name: 'unproved', network: false, filesystem: { kind: 'readonly' }, inheritEnvironment: false, allowPersistence: [],
      limits: { memoryMb: ${limit}, cpuPercent: ${limit}, pids: ${limit} }, bestEffort: [],
      traffic: { uploadMb: ${limit}, downloadMb: ${limit} },
    }
    const spec = {
      policy, command: '/usr/bin/true', args: [], env: ${JSON.stringify(env)}, cwd: null, baseDir: '/', secretVariables: new Set(),
    }
    const context = createContext({ configFile: null, environment: {} })
    const outcome = await startServer(spec, context, { passing: true }).then(
      (child) => child.exited.then(() => 'started'), ({ code, data }) => ({ code, data }))
    console.log(JSON.stringify(outcome))
    process.exit(0)`
  return ['--input-type=module', '-e', script]
}
