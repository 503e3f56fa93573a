// Where people read what was refused: standard error of `mcpo sandbox run`, and the log of `mcpo serve`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attackThrough, fixtureTable, makeConfig, serve, sessionOf } from '../support/serve.ts'
import { Account, users } from './sandbox-run.ts'

for (const user of users()) {
  await enforceable(t, `mcpo sandbox run as ${user.name}`, async (t) => {
    await t.test('tells a refused call in one line on standard error', async (t) => {
      // What the program itself writes there may come in between.
      const { stderr } = await new Account(t, user).sh([], 'unshare --user true 2>/dev/null')
      t.match(stderr, /^mcpo: the system call unshare: refused: namespaces: .*; no line of the policy allows it$/m)
    })

    await t.test('with --json each event is a line of JSON', async (t) => {
      const { stderr } = await new Account(t, user).sh(['--json'], 'unshare --user true 2>/dev/null')
      const lines = stderr.split('\n').filter((line) => line.startsWith('{"event"'))
      t.match(
        lines.map((line) => JSON.parse(line)),
        [{ event: { type: 'sandbox.call-refused', call: 'unshare', allow: null, count: 1 } }],
      )
    })

    await t.test(
      'with --explain it names the file that the sandbox does not show, and the line that would',
      async (t) => {
        const account = new Account(t, user)
        const file = join(account.folder('data'), 'file')
        writeFileSync(file, 'of the host')
        account.own(file)
        const script = `cat ${file}; true`
        t.notMatch((await account.sh([], script)).stderr, /mcpo: explain/)
        const { code, stdout, stderr } = await account.sh(['--explain'], script)
        t.match({ code, stdout }, { code: 0, stdout: '' })
        t.match(stderr, `mcpo: explain: openat "${file}" (to read) will be refused`)
        t.match(stderr, `filesystem = ["${file}:ro"]`)
      },
    )

    await t.test('with --explain nothing more is allowed: what is refused stays refused', async (t) => {
      const account = new Account(t, user)
      const file = join(account.folder('data'), 'file')
      writeFileSync(file, 'of the host')
      account.own(file)
      const tries = `cat ${file} || echo hidden; touch /usr/x || echo read-only; touch /tmp/x && chmod 4755 /tmp/x || echo setuid; unshare -U true || echo unshare`
      const { stdout } = await account.sh(['--explain'], tries)
      t.equal(stdout, 'hidden\nread-only\nsetuid\nunshare\n')
      t.equal((await account.sh(['--explain', '--ro', file], `cat ${file}`)).stdout, 'of the host')
    })
  })
}

await enforceable(t, 'mcpo serve logs a refused call as a warning with its facts', async (t) => {
  const serving = await serve(t, makeConfig(t, fixtureTable('tries', 'unchecked.mjs')))
  const session = await sessionOf(serving, 'tries')
  const found = await attackThrough(session, "act('mount', lambda: call('mount', 0, 0, 0, 0, 0))")
  t.equal(found['mount'], 'EPERM')
  await serving.stop()
  const lines = serving
    .log()
    .split('\n')
    .flatMap((line) => (line.includes('sandbox.call-refused') ? [JSON.parse(line)] : []))
  const warn = 40
  t.match(lines, [
    {
      level: warn,
      msg: /^server "tries": the system call mount: refused/,
      event: { server: 'tries', call: 'mount', count: 1 },
    },
  ])
})
