// Launchers that each lack one wall, with the self-check of the product: none may start anything, and each is told by name. And
// those whose self-check is content without the wall: there it is the gateway that does not take what they prove.
import { execFileSync } from 'node:child_process'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { missingFrom } from '../../../lib/sandbox/proof.ts'
import { enforceable } from './enforceable.ts'
import { Stage } from './launched.ts'
import { type LauncherName, packageFolder, runSandboxed, startSandboxed } from './sandboxed.ts'

interface Broken {
  readonly launcher: LauncherName
  readonly found: RegExp
}

const broken: readonly Broken[] = [
  { launcher: 'broken-seccomp', found: /"self-check".*Seccomp: 0/ },
  { launcher: 'broken-landlock', found: /"self-check".*Landlock: a device could be made/ },
  { launcher: 'broken-capabilities', found: /"self-check".*Cap\w+: [0-9a-f]*[1-9a-f]/ },
  { launcher: 'broken-no-new-privs', found: /"self-check".*(CapPrm: [0-9a-f]*[1-9a-f]|NoNewPrivs: 0)/ },
  { launcher: 'broken-masks', found: /"self-check".*writable mount: \/proc/ },
  { launcher: 'broken-own-ids', found: /"self-check".*Uid: 0 0 0 0/ },
  { launcher: 'broken-read-only-root', found: /"self-check".*writable mount: \/"/ },
  { launcher: 'broken-host-tree-gone', found: /"self-check".*mount: the host's tree is above the root directory/ },
  { launcher: 'broken-closed-descriptors', found: /"self-check".*descriptor \d+: / },
  { launcher: 'broken-network-namespace', found: /"self-check".*namespace of the host: net/ },
  { launcher: 'broken-ipc-namespace', found: /"self-check".*namespace of the host: ipc/ },
  // The kernel gives a proc only to who has a pid namespace of its own.
  { launcher: 'broken-pid-namespace', found: /"proc".*EPERM/ },
]

await enforceable(t, 'a launcher that is broken starts nothing:', async (t) => {
  for (const { launcher, found } of broken) {
    t.test(`${launcher.slice('broken-'.length)} left out`, async (t) => {
      await t.rejects(runSandboxed({ launcher, command: '/usr/bin/true', args: [] }), { message: found })
    })
  }

  t.test('the whole one starts', async (t) => {
    t.equal(await missingUnder('product'), null)
  })
})

const contentWithout: readonly (readonly [LauncherName, RegExp])[] = [
  ['seccomp', /^Seccomp is 0 instead of 2$/],
  ['capabilities', /^Cap\w+ is [0-9a-f]+ instead of 0{16}$/],
  ['no-new-privs', /^(CapPrm|NoNewPrivs) is /],
  ['landlock', /^Landlock is absent$/],
]

await enforceable(t, 'a launcher that is content without a wall is refused by the gateway:', async (t) => {
  for (const [launcher, found] of contentWithout) {
    t.test(`without ${launcher}`, async (t) => {
      t.match(await missingUnder(launcher), found)
    })
  }

  t.test('it is ended, and the start fails with what is missing', async (t) => {
    const place = stagedWithout(t, 'seccomp')
    const script = `
      import { createContext } from '${place}/dist/lib/sandbox/context.js'
      const context = createContext({ configFile: null, environment: {} })
      const { facts } = await context.host()
      console.log(JSON.stringify(facts.sandboxFailure))
      await context.close()`
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    t.match(JSON.parse(printed), { step: 'proof', errno: 'EPROTO', detail: 'Seccomp is 0 instead of 2' })
  })
})

async function missingUnder(launcher: LauncherName): Promise<string | null> {
  const running = await startSandboxed({ launcher, command: '/usr/bin/true', args: [] })
  const proof = await running.ready
  await running.finish()
  return missingFrom(proof, running.plan, { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 })
}

/** A built tree whose launcher lacks a wall and does not mind. */
function stagedWithout(t: Test, wall: string): string {
  const stage = new Stage()
  t.teardown(() => stage.remove())
  copyFileSync(
    join(packageFolder, `build/test/launchers/mcpo-launch.without-${wall}`),
    join(stage.folder, 'build/Release/mcpo-launch'),
  )
  return stage.folder
}
