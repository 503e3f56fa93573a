/** What makes `mcpo sandbox run` quick to start: one file, no yargs, and of Node's own modules only what it must load. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../../..')
const program = join(root, 'bin/mcpo.js')

/** `bin/mcpo.js`, required instead of run. */
interface Program {
  freshOneFile(): { script: { cachedDataRejected?: boolean } } | null
}
const { freshOneFile } = createRequire(import.meta.url)(program) as Program

/** Without what tap asks of Node. */
const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] }

t.before(() => {
  // tsc alone makes it stale, which is noticed, and then everything is loaded module by module.
  if (freshOneFile() === null) execFileSync(process.execPath, [join(root, 'bin/make-one-file.mjs')], { env })
})

t.test('the one file is there, and V8 takes its code cache', async (t) => {
  t.equal(freshOneFile()?.script.cachedDataRejected, false)
})

t.test('a plain command line loads no module of a package, and none of ours but the one file', async (t) => {
  const { files, builtins, exit } = loadedBy(['sandbox', 'run', '--', '/bin/true'])
  t.equal(exit, 0)
  t.same(files, [program])
  t.notOk(builtins.includes('module_job'), 'not even an import')
})

t.test('help and mistakes are answered by yargs', async (t) => {
  for (const args of [['--help'], ['--no-such-flag', '--', '/bin/true']]) {
    const { builtins } = loadedBy(['sandbox', 'run', ...args])
    t.ok(builtins.includes('module_job'), args.join(' '))
  }
})

/** What Node has loaded when it exits: files by require, and its own modules by the last part of their names. */
function loadedBy(args: readonly string[]): { files: string[]; builtins: string[]; exit: number | null } {
  const tell = `process.on('exit', () => require('fs').writeSync(3, JSON.stringify({
    files: Object.keys(require.cache).filter((file) => !file.endsWith('tell.cjs')), builtins: process.moduleLoadList })))`
  const folder = t.testdir({ 'tell.cjs': tell })
  const { output, status } = spawnSync(process.execPath, ['--require', join(folder, 'tell.cjs'), program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
    env,
  })
  const { files, builtins } = JSON.parse(output[3] ?? '') as { files: string[]; builtins: string[] }
  return { files, builtins: builtins.map((name) => name.slice(name.lastIndexOf('/') + 1)), exit: status }
}
