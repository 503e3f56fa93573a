/** `mcpo serve` as a process: flags, variables, errors, signals. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { fixtureServer } from '../fixtures/gateway.ts'
import { openSession, said, send } from '../fixtures/wire.ts'
import { until } from '../support/until.ts'

const mcpo = new URL('../../../bin/mcpo.js', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'mcpo-cli-'))
chmodSync(folder, 0o700)

function configure(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

/** No sandbox, so that the test shows the command and not the host. */
const fix = `[[servers]]
name = "fix"
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(fixtureServer('legacy.mjs'))}, "fix"]
[servers.sandbox]
enabled = false
`

interface Run {
  readonly child: ChildProcess
  readonly exit: Promise<{ code: number | null; stdout: string; stderr: string }>
  /** The first line on stdout. */
  readonly greeting: Promise<string>
}

function run(t: Test, args: string[], env: Record<string, string> = {}, program = [process.execPath, mcpo]): Run {
  const folders = { HOME: folder, STATE_DIRECTORY: join(folder, 'state') }
  const [command = '', ...before] = program
  const cwd = new URL('../../..', import.meta.url)
  const child = spawn(command, [...before, ...args], { cwd, env: { PATH: process.env['PATH'], ...folders, ...env } })
  const [stdout, stderr]: [string[], string[]] = [[], []]
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
  let isClosed = false
  child.once('close', () => {
    isClosed = true
  })
  const exit = once(child, 'close').then(([code]) => ({ code, stdout: stdout.join(''), stderr: stderr.join('') }))
  const greeting = until(() => isClosed || stdout.join('').includes('\n')).then(() => {
    const said = stdout.join('')
    if (!said.includes('\n')) throw new Error(stderr.join(''))
    return said
  })
  greeting.catch(() => {})
  t.teardown(() => child.kill('SIGKILL'))
  return { child, exit, greeting }
}

const urlIn = (greeting: string) => /https?:\/\/\S+\/mcp/.exec(greeting)?.[0] ?? ''

t.test('it serves what the file says, prints its URLs in one line, and ends every server on SIGTERM', async (t) => {
  const { child, exit, greeting } = run(t, ['serve', '--config', configure('good.toml', `[server]\nport = 0\n${fix}`)])
  const line = await greeting
  t.match(line, /^mcpo serves http:\/\/127\.0\.0\.1:\d+\/mcp http:\/\/127\.0\.0\.1:\d+\/mcp\/fix\n$/)
  const session = await openSession(`${urlIn(line)}/fix`)
  const pid = said(await session.call(1, 'whoami')).split(':')[1]
  t.ok(existsSync(`/proc/${pid}`))
  child.kill('SIGTERM')
  t.equal((await exit).code, 0)
  t.notOk(existsSync(`/proc/${pid}`))
})

t.test('npm start serves the example, and what ends npm ends the gateway', async (t) => {
  const env = { npm_config_update_notifier: 'false' }
  const { child, greeting } = run(t, ['--silent', 'start', '--', '--port', '0'], env, ['npm'])
  const line = await greeting
  t.match(line, /\/mcp\/everything\b/)
  child.kill('SIGTERM')
  await once(child, 'exit')
  await t.rejects(send(urlIn(line).replace(/mcp$/, 'health'), 'GET', {}), { code: 'ECONNREFUSED' })
})

t.test('a flag stands above a variable, a variable above the file', async (t) => {
  const file = configure('port.toml', `[server]\nport = 1\nhost = "127.0.0.9"\n${fix}`)
  const env = { MCPO_CONFIG: file, MCPO_PORT: '0', MCPO_HOST: '127.0.0.8' }
  const byVariable = run(t, [], env)
  t.match(await byVariable.greeting, 'http://127.0.0.8:')
  const byFlag = run(t, ['-H', '127.0.0.1'], env)
  const line = await byFlag.greeting
  t.match(line, 'http://127.0.0.1:')
  t.equal((await send(urlIn(line).replace(/mcp$/, 'health'), 'GET', {})).status, 200)
  for (const { child, exit } of [byVariable, byFlag]) {
    child.kill('SIGINT')
    t.equal((await exit).code, 0)
  }
})

t.test('every fault is one clear line with a hint, an exit code, and no stack', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const { port } = taken.address() as { port: number }
  const file = configure('faults.toml', fix)
  const cases: [string[], Record<string, string>, number, RegExp][] = [
    [
      ['-c', file, '-p', String(port)],
      {},
      1,
      new RegExp(`Cannot listen on 127.0.0.1 port ${port}: another program listens there`),
    ],
    [['-c', file, '-p', 'many'], {}, 2, /--port.*"many"/],
    [['-c', file], { MCPO_PORT: '70000' }, 2, /MCPO_PORT/],
    [['-c', file, '-l', 'loud'], {}, 2, /loud/],
    [['-c', file], { MCPO_LOG_LEVEL: 'loud' }, 2, /MCPO_LOG_LEVEL/],
    [['-c', join(folder, 'none.toml')], {}, 2, /none\.toml/],
    [['serve', '--prot', '1'], {}, 2, /Unknown argument: prot/],
    [['sevre'], {}, 2, /Unknown (argument|command): sevre/],
  ]
  for (const [args, env, code, words] of cases) {
    const { exit } = run(t, args, env)
    const ended = await exit
    t.equal(ended.code, code, args.join(' '))
    t.match(ended.stderr, /^mcpo: /m)
    t.match(ended.stderr, words)
    t.notMatch(ended.stderr, /\n\s+at /)
  }
})

t.test('--version and --help end with 0', async (t) => {
  for (const flag of ['--version', '--help']) {
    const { code, stdout } = await run(t, [flag]).exit
    t.equal(code, 0)
    t.match(stdout, flag === '--help' ? /mcpo serve/ : /^\d+\.\d+\.\d+/)
  }
})
