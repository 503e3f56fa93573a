// Runs the launcher's tests with a launcher that ASan and UBSan watch until it executes the server: `npm run test:sanitizers`. What they
// find ends it, so that a test fails. The released launcher is static, which ASan cannot be: this one has its libraries loaded
// before it leaves the host's tree. Ends with `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { countTap } from '../dist/test/support/tap-counts.js'
import { build, filesBelow, project, sources } from './compile.mjs'

const folder = join(project, 'build/test/sanitizers')
const launcher = join(folder, 'mcpo-launch')
const flags = ['-std=c++20', '-fno-exceptions', '-fno-rtti', '-O1', '-g', '-fPIE', '-fno-threadsafe-statics']
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all']
const headers = filesBelow(join(project, 'native'), ['.h', '.def'])
const tested = ['launcher', 'launcher-lifetime', 'launcher-mounts', 'launcher-entered', 'self-proof']
const parts = ['bin', 'build/Release/mcp_one.node', 'build/test', 'dist', 'package.json', '.taprc', 'test']

async function buildLauncher() {
  const inputs = sources.launcher.linux.map((source) => join('native', source))
  const objects = [...inputs, 'test/fixtures/sanitizers/launcher.cc'].map((source) => ({
    command: 'g++',
    args: [...flags, ...sanitizers, '-c', join(project, source)],
    inputs: [join(project, source), ...headers],
    output: join(folder, `${source.replaceAll('/', '-')}.o`),
  }))
  const outputs = objects.map(({ output }) => output)
  await build(objects)
  await build([{ command: 'g++', args: ['-pie', ...sanitizers, ...outputs], inputs: outputs, output: launcher }])
}

/** The package as it is tested, with that launcher in the place of the released one. */
function stagePackage() {
  const stage = mkdtempSync(join(tmpdir(), 'mcpo-sanitizers-'))
  chmodSync(stage, 0o755)
  const isOurs = (path) => basename(path) !== 'node_modules'
  for (const part of parts) cpSync(join(project, part), join(stage, part), { recursive: true, filter: isOurs })
  cpSync(launcher, join(stage, 'build/Release/mcpo-launch'))
  symlinkSync(join(project, 'node_modules'), join(stage, 'node_modules'))
  return stage
}

function runTests(stage) {
  const output = join(stage, 'tests.tap')
  const files = tested.map((name) => `dist/test/platform/linux/${name}.test.js`)
  const args = ['--reporter=silent', `--output-file=${output}`, ...files]
  const { status } = spawnSync(join(project, 'node_modules/.bin/tap'), args, { cwd: stage, stdio: 'inherit' })
  return { ...countTap(readFileSync(output, 'utf8').split('\n')), isSound: status === 0 }
}

async function main() {
  await buildLauncher()
  const stage = stagePackage()
  try {
    const { passed, failed, failures, isSound } = runTests(stage)
    for (const failure of failures) console.error(failure)
    console.log(`${passed} passed, ${failed} failed`)
    process.exitCode = isSound && failed === 0 && passed > 0 ? 0 : 1
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

await main().catch((error) => {
  console.error(`test/sanitizers: ${error.message}`)
  process.exitCode = 1
})
