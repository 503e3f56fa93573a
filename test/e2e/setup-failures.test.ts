/** Everything that can keep a sandbox from coming up: a clear sentence, an exit code, nothing run and nothing left. */
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openSession } from '../fixtures/wire.ts'
import { packageFolder } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'
import { processesWith } from '../support/processes.ts'
import { callTool, fixtureTable, makeConfig, mcpo, serve } from '../support/serve.ts'
import { strengthsHere } from '../support/strengths.ts'
import { until } from '../support/until.ts'

interface Failing {
  /** What is put before `--`. */
  readonly flags?: readonly string[]
  readonly command?: string
  /** Of another installation than this one. */
  readonly root?: string
  /** A shell command run as root of a user namespace; mcpo is an ordinary user of another one within that. */
  readonly inNamespace?: string
  readonly code: number
  readonly words: readonly RegExp[]
}

const place = makePlace(t)
const executable = place.file('executable', '#!/bin/sh\necho ran\n')
chmodSync(executable, 0o755)
const plain = place.file('plain', 'no program')
const lost = place.file('lost', '#!/nonexistent/interpreter\n')
chmodSync(lost, 0o755)
const strange = place.file('strange', 'no program of this machine')
chmodSync(strange, 0o755)
spawnSync('mkfifo', ['-m', '0777', join(place.folder, 'fifo')])

const cases: Record<string, Failing> = {
  'no such command': {
    command: 'mcpo-no-such-command',
    code: 127,
    words: [/no such command: mcpo-no-such-command/, /none of the folders of PATH/],
  },
  'no such path': {
    command: '/nonexistent/program',
    code: 127,
    words: [/no such command: program/, /there is no \/nonexistent\/program/],
  },
  'a file that is not executable': { command: plain, code: 126, words: [/cannot execute/, /chmod \+x/] },
  'a folder as the command': { command: place.folder, code: 126, words: [/it is a folder/] },
  'a pipe as the command': { command: join(place.folder, 'fifo'), code: 126, words: [/cannot execute/] },
  'an interpreter that is not there': { command: lost, code: 127, words: [/interpreter/] },
  'a granted path that is not there': {
    flags: ['--rw', '/nonexistent/data'],
    code: 125,
    words: [/the path \/nonexistent\/data .* does not exist/, /make it, or take it out/],
  },
  'a path below a file': { flags: ['--ro', `${plain}/below`], code: 125, words: [/does not exist/] },
  'a relative path that is not there': {
    flags: ['--ro', 'nonexistent'],
    code: 125,
    words: [/\/nonexistent .*does not exist/],
  },
  'one path with two rights': {
    flags: ['--ro', place.folder, '--rw', `${place.folder}/.`],
    code: 125,
    words: [/one and the same path/],
  },
  'a working directory that is not visible': {
    flags: ['--cwd', '/var/lib'],
    code: 125,
    words: [/the working directory .* is not visible/, /--ro/],
  },
  'a limit that is no number': { flags: ['--max-pids', 'many'], code: 125, words: [/--max-pids is a whole number/] },
  'a limit of none': { flags: ['--max-pids', '0'], code: 125, words: [/--max-pids is a whole number/] },
  'a guarantee that there is not': {
    flags: ['--best-effort', 'luck'],
    code: 125,
    words: [/knows no "luck"/, /one of fs-read/],
  },
  'a variable without a name': { flags: ['--env', '=x'], code: 125, words: [/--env wants NAME=value/] },
  'no user namespaces left': {
    inNamespace: 'echo 1 > /proc/sys/user/max_user_namespaces',
    code: 125,
    words: [/the step "user-namespace" failed with ENOSPC/, /user\.max_user_namespaces/],
  },
  'no network namespaces left': {
    inNamespace: 'echo 0 > /proc/sys/user/max_net_namespaces',
    code: 125,
    words: [/the step "namespaces" failed with ENOSPC/],
  },
  'no mount namespaces left': {
    inNamespace: 'echo 0 > /proc/sys/user/max_mnt_namespaces',
    code: 125,
    words: [/the step "namespaces" failed with ENOSPC/],
  },
  'no launcher': {
    root: install('no-launcher', (root) => rmSync(join(root, 'build/Release/mcpo-launch'))),
    code: 125,
    words: [/the step "exec-launcher" failed with ENOENT/, /npm run build:native/],
  },
  'a launcher that is not executable': {
    root: install('mode', (root) => chmodSync(join(root, 'build/Release/mcpo-launch'), 0o644)),
    code: 125,
    words: [/the step "exec-launcher" failed with EACCES/],
  },
  'a launcher that ends at once': {
    root: install('ends', replaceLauncher),
    code: 125,
    words: [/the step "launcher" failed with EXIT/],
  },
  'no addon': {
    root: install('no-addon', (root) => rmSync(join(root, 'build/Release/mcp_one.node'))),
    code: 125,
    words: [/npm (run build|ci|run build:native)/],
  },
  'not built at all': {
    root: install('not-built', (root) => rmSync(join(root, 'dist'), { recursive: true })),
    code: 70,
    words: [/this copy is not built/, /npm ci/],
  },
}

/** Where a control group holds it, it is no failure. */
const unheld: Record<string, Failing> = {
  'a limit that cannot be held': {
    flags: ['--max-cpu-percent', '50'],
    code: 125,
    words: [/the limit max_cpu_percent = 50/, /--best-effort cpu/],
  },
}
const { cpu } = await strengthsHere(t)

for (const [what, failing] of Object.entries(cpu === 'full' ? cases : { ...cases, ...unheld })) {
  t.test(what, async (t) => {
    const { code, stdout, stderr } = await run(failing, t)
    t.equal(code, failing.code, stderr)
    for (const words of failing.words) t.match(stderr, words)
    t.match(stderr, /^mcpo: /)
    t.notMatch(stderr, /\n\s+at /, 'no stack trace')
    t.ok(stderr.split('\n').length <= 4, 'a few lines')
    t.equal(stdout, '', 'nothing ran')
  })
}

t.test('the same command runs where nothing fails', async (t) => {
  const { stderr, ...outcome } = await run({ code: 0, words: [] }, t)
  t.same(outcome, { code: 0, stdout: 'ran\n' })
  // Before Linux 6.3 a tmpfs has no id-mapping, which a gateway of root says.
  t.same(
    stderr.split('\n').filter((line) => line !== '' && !line.startsWith('mcpo: not id-mapped')),
    [],
  )
})

t.test('a path of the configuration with NUL, or with nothing in it, is refused with its place', async (t) => {
  for (const path of ['/srv/a\\u0000b', '', ':ro']) {
    const config = makeConfig(t, fixtureTable('one', 'unchecked.mjs', `filesystem = ["${path}"]`))
    const refused = await mcpo(['serve', '-c', config.file], config.env)
    t.equal(refused.code, 2, path)
    t.match(refused.stderr, /config\.toml:\d+:\d+/)
  }
})

t.test('behind mcpo serve the failing server is named to its client, and the others work', async (t) => {
  const broken = '[[servers]]\nname = "broken"\ncommand = "/nonexistent/program"\n'
  const ungranted = fixtureTable('ungranted', 'unchecked.mjs', 'filesystem = ["/nonexistent/data"]')
  const { url, log } = await serve(t, makeConfig(t, broken + ungranted + fixtureTable('fine', 'unchecked.mjs')))
  await t.rejects(openSession(`${url}/mcp/broken`), /there is no \/nonexistent\/program/)
  await t.rejects(openSession(`${url}/mcp/ungranted`), /\/nonexistent\/data/)
  t.match(await callTool(await openSession(`${url}/mcp/fine`), 'run', { command: '/bin/echo', args: ['fine'] }), 'fine')
  t.match(log(), /broken/)
})

/** Runs `mcpo sandbox run`, and looks at what it left. */
async function run({ flags = [], command = executable, root = packageFolder, inNamespace }: Failing, t: Test) {
  const mark = randomUUID()
  const own = makePlace(t)
  const [home, temporary] = [own.makeFolder('home'), own.makeFolder('tmp')]
  const line = [process.execPath, join(root, 'bin/mcpo.js'), 'sandbox', 'run', ...flags, '--', command, mark]
  const [program = '', ...args] =
    inNamespace === undefined
      ? line
      : [
          'unshare',
          '-r',
          'sh',
          '-ec',
          `${inNamespace}\nexec unshare -U --map-user=1000 --map-group=1000 "$@"`,
          'sh',
          ...line,
        ]
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: temporary }
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env,
    cwd: temporary,
    timeout: 120_000,
  })
  await t.resolves(
    until(() => processesWith(mark).length === 0),
    'no process is left',
  )
  t.same(readdirSync(temporary), [], 'no file is left')
  t.equal(readFileSync('/proc/self/mountinfo', 'utf8'), mounts, 'no mount is left')
  return { code: status, stdout, stderr }
}

/** Another installation, with something wrong with it. */
function install(name: string, spoil: (root: string) => void): string {
  const root = join(place.folder, name)
  for (const part of ['dist/lib', 'bin', 'build/Release/mcp_one.node', 'build/Release/mcpo-launch', 'package.json']) {
    if (existsSync(join(packageFolder, part))) cpSync(join(packageFolder, part), join(root, part), { recursive: true })
  }
  symlinkSync(join(packageFolder, 'node_modules'), join(root, 'node_modules'))
  spoil(root)
  return root
}

function replaceLauncher(root: string): void {
  writeFileSync(join(root, 'build/Release/mcpo-launch'), '#!/bin/sh\nexit 3\n', { mode: 0o755 })
}
