/** A procfs inside a granted folder, as in the tree of a chroot: through it a server would see every process of the host. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { Account, type Outcome, outcomeOf, packageRoot, users } from '../e2e/sandbox-run.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { asRoot } from '../support/must-enforce.ts'

const mountAndRun = `
mount -t proc proc "$1/proc" && ls "$1/proc/$$/environ" && shift &&
exec setpriv --reuid "$TEST_UID" --regid "$TEST_UID" --clear-groups -- "$@"`

await t.test('what the kernel mounted in a granted folder', asRoot, async (t) => {
  for (const user of users()) {
    await enforceable(t, `is not shown, as ${user.name}`, async (t) => {
      const account = new Account(t, user)
      const tree = account.folder('tree')
      account.folder('tree/proc')
      account.folder('tree/data')
      const run = (grant: string, command: string): Promise<Outcome> => {
        const sandboxed = [process.execPath, join(packageRoot, 'bin/mcpo.js'), 'sandbox', 'run', '--ro', grant]
        const args = ['-m', 'sh', '-c', mountAndRun, 'sh', tree, ...sandboxed, '--', 'sh', '-c', command]
        const env = { PATH: process.env['PATH'] ?? '', HOME: account.home, TEST_UID: String(user.uid) }
        return outcomeOf(spawn('unshare', args, { env }))
      }
      const shown = await run(tree, `ls ${tree} && ls ${tree}/proc && echo listed`)
      t.match(shown.stdout, /\/environ\ndata\nproc\nlisted\n$/)
      const refused = await run(join(tree, 'proc'), 'true')
      t.match(refused.stderr, /cannot grant \S+\/proc: it is the kernel's \(proc\)/)
      t.not(refused.code, 0)
    })
  }
})
