/** The gateway's own files against a server with every right that a policy can give. */
import { existsSync, lchownSync, readdirSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { Account, packageRoot, users } from './sandbox-run.ts'

for (const user of users()) {
  t.test(`as ${user.name}`, async (t) => {
    const account = new Account(t, user)
    // An ordinary user's gateway keeps its files in the home, and finds it full of what a server may write.
    const own =
      user.uid === 0
        ? ['/etc/mcp-one', '/var/lib/mcp-one']
        : ['.config/mcp-one', '.local/state/mcp-one'].map((name) => join(account.home, name))
    const modes = [
      ['--filesystem', 'full'],
      ...(user.uid === 0
        ? [
            ['--rw', '/etc'],
            ['--rw', '/var/lib'],
          ]
        : [['--rw', account.home]]),
    ]

    for (const mode of modes) {
      t.test(`${mode.join(' ')}: nothing of it is written, replaced, or moved away with a folder above`, async (t) => {
        const attack = own
          .map(
            (folder) => `
          echo evil > ${folder}/config.toml && echo WROTE ${folder}
          ln -s /tmp ${folder}/link && echo LINKED ${folder}
          mv ${folder} ${folder}.away && echo MOVED ${folder}
          rmdir ${folder} && echo REMOVED ${folder}
          mv $(dirname ${folder}) $(dirname ${folder}).away && echo MOVED ABOVE ${folder}
        `,
          )
          .join('')
        const { stdout } = await account.sh(mode, `echo started\n${attack}`)
        t.equal(stdout, 'started\n')
        for (const folder of own.filter(existsSync)) t.notOk(readdirSync(folder).includes('config.toml'), folder)
      })
    }

    t.test('the program is not written', async (t) => {
      const program = join(packageRoot, 'dist/lib/errors.js')
      const { stdout } = await account.sh(
        ['--filesystem', 'full'],
        `echo started; echo '' >> ${program} && echo WROTE; touch ${packageRoot}/x && echo WROTE; ln ${program} /tmp/link && echo LINKED`,
      )
      t.equal(stdout, 'started\n')
      t.match(await account.run(['--rw', join(packageRoot, 'dist'), '--', 'echo', 'ran']), {
        code: 125,
        stdout: '',
        stderr: /belongs to the gateway/,
      })
      t.match(await account.run(['--rw', packageRoot, '--', 'echo', 'ran']), { code: 125, stdout: '' })
    })

    t.test('its state cannot be granted, not even for reading', async (t) => {
      const state = own[1] ?? ''
      for (const flag of ['--ro', '--rw']) {
        await account.sh(['--filesystem', 'full'], 'true')
        t.match(await account.run([flag, state, '--', 'echo', 'ran']), { code: 125, stdout: '', stderr: /the gateway/ })
      }
    })

    // The folders of a root gateway are those of the machine, where a test has no place.
    if (user.uid === 0) return

    t.test('a socket in its folders cannot be connected to', async (t) => {
      const folder = account.folder('.local/state/mcp-one')
      const socket = join(folder, 'control')
      const server = createServer((peer) => peer.end('reached'))
      await new Promise<void>((resolve) => server.listen(socket, resolve))
      t.teardown(() => server.close())
      account.own(socket)
      const connect = `require("net").connect(${JSON.stringify(socket)}).on("data",d=>console.log(String(d))).on("error",e=>console.log(e.code))`
      for (const mode of [
        ['--filesystem', 'full'],
        ['--filesystem', 'host-readonly'],
        ['--rw', account.home],
        ['--ro', account.home],
      ]) {
        t.match(
          await account.run([...mode, '--', 'node', '-e', connect]),
          { stdout: /^(ENOENT|EACCES)\n$/ },
          mode.join(' '),
        )
      }
    })

    t.test('a symbolic link on the way to them cannot be made replaceable', async (t) => {
      const other = new Account(t, user)
      const real = other.folder('elsewhere')
      await other.sh(['--rw', other.folder('x')], 'true')
      symlinkSync(real, join(other.home, '.config'))
      if (process.getuid?.() === 0) lchownSync(join(other.home, '.config'), user.uid, user.uid)
      for (const mode of [
        ['--rw', other.home],
        ['--filesystem', 'full'],
      ]) {
        t.match(
          await other.run([...mode, '--', 'echo', 'ran']),
          { code: 125, stdout: '', stderr: /symbolic link/ },
          mode.join(' '),
        )
      }
    })
  })
}
