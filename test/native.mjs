// Builds the native unit tests with ASan and UBSan and runs them: `node test/native.mjs`. Needs g++ alone.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build, filesBelow, project, sources } from './compile.mjs'

const folder = join(project, 'build/test/native')
const flags = ['-std=c++20', '-fno-exceptions', '-fno-rtti', '-Wall', '-Wextra', '-Werror', '-O1', '-g']
const sanitizers = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all']
const headers = filesBelow(join(project, 'native'), ['.h', '.def'])

const objects = sources.tests.map((source) => ({
  command: 'g++',
  args: [...flags, ...sanitizers, '-c', join(project, 'native', source)],
  inputs: [join(project, 'native', source), ...headers],
  output: join(folder, `${source.replaceAll('/', '-')}.o`),
}))
const program = join(folder, 'tests')
const outputs = objects.map(({ output }) => output)
const link = { command: 'g++', args: [...sanitizers, ...outputs], inputs: outputs, output: program }

try {
  await build(objects)
  await build([link])
  process.exitCode = spawnSync(program, { stdio: 'inherit' }).status ?? 1
} catch (error) {
  console.error(`test/native: ${error.message}`)
  process.exitCode = 1
}
