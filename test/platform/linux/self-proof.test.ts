// Launchers that each lack one wall, with the self-check of the product: none may start anything, and each is told by name.
import t from 'tap'
import { enforceable } from './enforceable.ts'
import { type LauncherName, runSandboxed } from './sandboxed.ts'

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
    const { status } = await runSandboxed({ launcher: 'product', command: '/usr/bin/true', args: [] })
    t.match(status, { code: 0 })
  })
})
