/** Sockets in granted folders: whoever listens there acts with rights of its own, and read-only mounts stop no connection. */
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Account, type Outcome, users } from '../e2e/sandbox-run.ts'
import { enforceable } from '../platform/linux/enforceable.ts'

const pastScan = 'a/b/c/d/e'
const refused = /^(ConnectionRefusedError|PermissionError|OSError)\n/
const reached = 'reached\n'

const connect = `
import os, socket, sys
try:
    agent = socket.socket(socket.AF_UNIX)
    agent.connect(sys.argv[1])
    print(agent.recv(16).decode())
except OSError as error: print(type(error).__name__)`

for (const user of users()) {
  await enforceable(t, `as ${user.name}, a socket that somebody listens on`, async (t) => {
    for (const flag of ['--rw', '--ro']) {
      t.test(`is covered in a folder of ${flag}, and in one far below`, async (t) => {
        const account = new Account(t, user)
        for (const below of ['', pastScan]) {
          const path = await listenIn(t, account, join('work', below))
          t.match(await run(account, [flag, 'work'], path), { code: 0, stdout: refused, stderr: /cannot connect to/ })
        }
      })
    }

    t.test('cannot be uncovered by other names for it', async (t) => {
      const account = new Account(t, user)
      const path = await listenIn(t, account, 'work/run')
      const work = join(account.home, 'work')
      const renames = `
for source, target in (('run', 'moved'), ('run/agent.sock', 'other.sock')):
    for act in (os.rename, os.link, os.replace):
        try: act(source, target)
        except OSError: pass
try: os.unlink('run/agent.sock')
except OSError: pass
`
      const program = connect.replace('try:', `${renames}\ntry:`)
      const others = ['run/agent.sock', 'moved/agent.sock', 'other.sock'].map((name) => join(work, name))
      for (const other of others) {
        const outcome = await run(account, ['--rw', 'work', '--cwd', 'work'], other, program)
        t.match(outcome, { code: 0, stdout: /^\w+Error\n/ })
      }
      t.match(
        await run(account, ['--rw', 'work', '--rw', path], path),
        { stdout: reached },
        'it was there all the time',
      )
    })

    t.test('is reached where it is granted by its own path', async (t) => {
      const account = new Account(t, user)
      const path = await listenIn(t, account, 'work')
      for (const flags of [
        ['--rw', path],
        ['--rw', 'work', '--rw', path],
      ]) {
        t.match(await run(account, flags, path), { code: 0, stdout: reached, stderr: '' })
      }
    })

    t.test('is told by a name in which nothing is left for a terminal to obey', async (t) => {
      const account = new Account(t, user)
      const path = await listenIn(t, account, 'work', '\u001b]0;title\u0007\nmcpo: all is well\u009b2J')
      const { stderr } = await run(account, ['--ro', 'work'], path)
      t.match(stderr, /^mcpo: .*\\u001b\]0;title\\u0007\\u000amcpo: all is well\\u009b2J.*\n$/)
      t.notMatch(stderr.trimEnd(), /\p{Cc}/u)
    })

    t.test('and one that was left behind is the server’s to remove', async (t) => {
      const account = new Account(t, user)
      const work = account.folder('work')
      const bind = `
import os, socket
agent = socket.socket(socket.AF_UNIX)
if os.path.exists('left.sock'): os.unlink('left.sock')
agent.bind('left.sock')
print('bound')`
      for (const told of ['', /can connect to the socket .*left\.sock/]) {
        const outcome = await run(account, ['--rw', work, '--cwd', work], '', bind)
        t.match(outcome, { code: 0, stdout: 'bound\n', stderr: told })
      }
    })
  })
}

function run(account: Account, flags: readonly string[], path: string, program = connect): Promise<Outcome> {
  return account.run([...flags, '--', '/usr/bin/python3', '-I', '-c', program, path])
}

/** An agent that answers everybody. */
async function listenIn(t: Test, account: Account, folder: string, name = 'agent.sock'): Promise<string> {
  const path = join(account.folder(folder), name)
  const server = createServer((socket) => socket.on('error', () => {}).end('reached')).listen(path)
  await once(server, 'listening')
  chmodSync(path, 0o777)
  t.teardown(() => new Promise((resolve) => server.close(resolve)))
  return path
}
