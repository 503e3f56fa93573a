/**
 * `mcpo sandbox learn`: what a server uses under a wide policy is the policy under which it works. As root, who alone has a folder outside
 * /tmp, of which each sandbox has its own, for every user to read.
 */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { loadConfig } from '../../lib/config/load.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import { startServer } from '../../lib/sandbox/start.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { makePlace } from '../support/place.ts'
import { makeConfig } from '../support/serve.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'
import { Account, outcomeOf, packageRoot, users } from './sandbox-run.ts'

withoutRoute(import.meta.filename)

/** Says what it could do, and asks for a line first. */
const program = (folder: string): string => `
import sys, urllib.request
def tried(attempt):
    try: return attempt()
    except OSError as error: return type(error).__name__
print(sys.stdin.readline().strip())
print(tried(lambda: urllib.request.urlopen('http://1.1.1.1/').status))
print(tried(lambda: urllib.request.urlopen('http://10.9.8.7/').status))
print([tried(lambda: open(f'${folder}/many/here/f{i}').read()) for i in range(5)])
print(tried(lambda: open('${folder}/one').read()))
print(tried(lambda: len(__import__('os').listdir('/srv')) > 0))
print(tried(lambda: open('/sys/kernel/uevent_seqnum').read()))
`

for (const user of users()) {
  await enforceable(t, `as ${user.name}: the policy that is printed suffices`, async (t) => {
    const account = new Account(t, user)
    const world = new World(t, {})
    for (const address of ['1.1.1.1', '10.9.8.7']) await world.http(address, 80)
    const place = makePlace(t, '/srv')
    for (const at of [0, 1, 2, 3, 4]) place.file(`many/here/f${at}`, 'x')
    place.file('one', 'y')
    const config = join(account.folder('config'), 'config.toml')
    const toml = `[[servers]]\nname = "tool"\ncommand = "/usr/bin/python3"\nargs = ["-I", "-c", """${program(place.folder)}"""]\n`
    writeFileSync(config, toml)
    account.own(config)

    const child = spawn(
      process.execPath,
      [join(packageRoot, 'bin/mcpo.js'), 'sandbox', 'learn', 'tool', '-c', config],
      {
        env: { PATH: process.env['PATH'] ?? '', HOME: account.home },
        uid: user.uid,
        gid: user.uid,
      },
    )
    child.stdin.end('first\n')
    const { code, stdout, stderr } = await outcomeOf(child)
    t.equal(code, 0, stderr)
    t.match(stdout.split('\n'), [
      'first',
      '200',
      'HTTPError',
      "['x', 'x', 'x', 'x', 'x']",
      'y',
      'True',
      'FileNotFoundError',
    ])
    t.match(stderr, '# not granted: "/srv:ro": it is a whole home, or more')
    t.notMatch(stderr, '/sys')
    t.match(
      stderr,
      `network = ["1.1.1.1:80"]\nfilesystem = ["${place.folder}/many/here:ro", "${place.folder}/one:ro"]\n`,
    )
    t.match(stderr, '# not reached: "10.9.8.7:80": 10.9.8.7 is a private address: not dialled')

    const { file, env } = makeConfig(t, toml + policyIn(stderr))
    const [learned] = (await loadConfig(file, env)).servers
    if (learned?.type !== 'stdio' || learned.policy === null) throw new Error('no server')
    const context = createContext({ configFile: null, environment: process.env })
    const spec = {
      policy: learned.policy,
      command: '/usr/bin/python3',
      args: learned.args,
      env: {},
      cwd: null,
      baseDir: '/',
    }
    const again = await startServer({ ...spec, secretVariables: new Set() }, context, { passing: true })
    new Socket({ fd: again.stdio.stdin, readable: false, writable: true }).end('second\n')
    const output = await text(new Socket({ fd: again.stdio.stdout, writable: false }))
    t.equal(output, stdout.replace('first', 'second'))
  })
}

/** From the line that says what follows to the last that belongs to it. */
function policyIn(printed: string): string {
  return /^# What [\s\S]*^# not reached: .*\n/m.exec(printed)?.[0] ?? ''
}
