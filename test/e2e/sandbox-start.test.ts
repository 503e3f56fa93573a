/** Starting servers by the API that the gateway uses. */
import { readdirSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { closeStdio } from '../../lib/sandbox/close.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import { launch } from '../../lib/sandbox/launch.ts'
import type { LaunchSpec, SandboxedChild } from '../../lib/sandbox/model.ts'
import { prepareLaunch, startServer } from '../../lib/sandbox/start.ts'
import { startUnconfined } from '../../lib/sandbox/unconfined.ts'
import { plainPolicy, unwritten } from '../support/plain-policy.ts'
import { until } from '../support/until.ts'
import { makeTree } from '../unit/sandbox/tree.ts'

const policy = plainPolicy('test', { limits: unwritten(256, 100, 16) })
const spec: LaunchSpec = {
  policy,
  command: 'cat',
  args: [],
  env: {},
  cwd: null,
  baseDir: '/',
  secretVariables: new Set(),
}
const context = createContext({ configFile: null, environment: process.env })
const passing = { passing: true }

t.before(() => context.host())

t.test('a server talks on its three pipes, and ends when its input does', async (t) => {
  const child = await startServer(spec, context, passing)
  const [stdin, stdout] = [
    new Socket({ fd: child.stdio.stdin, readable: false, writable: true }),
    new Socket({ fd: child.stdio.stdout, writable: false }),
  ]
  stdin.end('both ways')
  t.equal(await text(stdout), 'both ways')
  t.match(await child.exited, { code: 0, signal: null })
  t.match(child.proof?.found, { NoNewPrivs: '1', Seccomp: '2' })
  new Socket({ fd: child.stdio.stderr, writable: false }).destroy()
})

t.test('a hundred at once, all ended by kill, and no descriptor left', async (t) => {
  const before = descriptors()
  const children = await Promise.all(Array.from({ length: 100 }, () => startServer(spec, context, passing)))
  for (const child of children) {
    child.kill()
    child.kill()
  }
  const endings = await Promise.all(children.map(({ exited }) => exited))
  t.ok(endings.every(({ signal }) => signal === 'SIGKILL'))
  for (const child of children) closeStdio(child.stdio)
  await t.resolves(until(() => descriptors() === before))
})

t.test('a start that takes too long is ended, says so, and leaves nothing', async (t) => {
  const before = descriptors()
  const prepared = await prepareLaunch(spec, context, { ...passing, readyTimeoutMs: 0 })
  const starting = launch(prepared)
  // Nothing that the launcher says is read before the deadline has passed.
  for (const end = performance.now() + 20; performance.now() < end; );
  await t.rejects(starting, { code: 'SANDBOX_ERROR', message: /did not end in time/, data: { errno: 'TIMEOUT' } })
  await t.resolves(until(() => descriptors() === before))
})

t.test('a dry run does everything but execute the server', async (t) => {
  const child = await startServer({ ...spec, command: 'sh', args: ['-c', 'echo ran'] }, context, {
    ...passing,
    dryRun: true,
  })
  t.match(child.proof?.found, { NoNewPrivs: '1' })
  t.equal(await outputOf(child), '')
  t.match(await child.exited, { code: 0, signal: null })
})

t.test('a configuration in a folder that is granted from above cannot be read, changed or replaced', async (t) => {
  const folder = makeTree(t, { 'project/config.toml': 'token', 'project/src/x': '', 'project/other': '' })
  const project = join(folder, 'project')
  const own = createContext({ configFile: join(project, 'config.toml'), environment: process.env })
  const grants = [folder, join(project, 'src')].map((path) => ({ path, access: 'rw' as const }))
  const attack = [
    'cat config.toml',
    'for f in config.toml mcp-one.lock new; do echo evil > $f && echo WROTE $f; done',
    'mv config.toml old && echo MOVED; rm -f config.toml && echo REMOVED; mv ../project ../old && echo MOVED ABOVE',
    'echo fine > src/x && cat src/x; cat other',
  ].join('\n')
  const confined = { ...spec, policy: { ...policy, filesystem: { kind: 'paths' as const, grants } }, cwd: project }
  const child = await startServer({ ...confined, command: 'sh', args: ['-c', attack] }, own, passing)
  t.equal(await outputOf(child), 'fine\n')
  t.equal(readFileSync(join(project, 'config.toml'), 'utf8'), 'token')
  const itself = {
    ...confined,
    policy: { ...policy, filesystem: { kind: 'paths' as const, grants: [{ path: project, access: 'rw' as const }] } },
  }
  await t.rejects(startServer(itself, own, passing), { code: 'CONFIG_ERROR' })
})

t.test('an unconfined server is an ordinary child, without any guarantee, and ends with its group', async (t) => {
  const environment = { ...process.env, MCPO_TOKEN: 'secret', OTHER: 'secret' }
  const child = await startUnconfined(
    { ...spec, name: 'open', command: 'sh', args: ['-c', 'env; sleep 1000 & exit 3'], cwd: '/' },
    environment,
  )
  t.ok(child.verdicts.every(({ strength }) => strength === 'none'))
  const output = await outputOf(child)
  t.notMatch(output, /secret/)
  t.match(await child.exited, { code: 3, signal: null })
  const killed = await startUnconfined({ ...spec, name: 'open' }, process.env)
  killed.kill()
  t.match(await killed.exited, { signal: 'SIGKILL' })
  closeStdio(killed.stdio)
})

t.test('an unconfined command that is not there is refused like a confined one', async (t) => {
  await t.rejects(startUnconfined({ ...spec, name: 'open', command: 'no-such-command' }, process.env), {
    code: 'NOT_FOUND',
  })
  await t.rejects(startServer({ ...spec, command: 'no-such-command' }, context), { code: 'NOT_FOUND' })
})

async function outputOf({ stdio }: SandboxedChild): Promise<string> {
  new Socket({ fd: stdio.stdin, readable: false, writable: true }).on('error', () => {}).end()
  new Socket({ fd: stdio.stderr, writable: false }).resume()
  return text(new Socket({ fd: stdio.stdout, writable: false }))
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}
