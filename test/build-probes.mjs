// Builds what the sandbox's tests need, where it is out of date: in build/test/probes the probe and what surrounds a gateway
// (filtered), in build/test/layers a launcher that leaves out the walls that its plan names, and in build/test/lab what the
// lab preloads. Linux only; elsewhere nothing is built.
import { join } from 'node:path'
import { build, filesBelow, project, sources } from './compile.mjs'

const fixtures = join(project, 'test/fixtures')
const output = join(project, 'build/test')

// As in binding.gyp, without what only hardens.
const compileFlags = ['-std=c++20', '-fno-exceptions', '-fno-rtti', '-O1', '-fPIE', '-fno-threadsafe-statics']
const linkFlags = ['-static-pie', '-nodefaultlibs', '-s']
const libraries = ['-Wl,--start-group', '-lc', '-lgcc', '-lgcc_eh', '-Wl,--end-group']

const cFlags = ['-std=gnu11', '-D_GNU_SOURCE', '-O1', '-Wall', '-Wextra', '-Werror']

/** A static program of all C files of a folder. */
function program(folder, name) {
  const code = filesBelow(folder, ['.c'])
  const inputs = [...code, ...filesBelow(folder, ['.h'])]
  return { command: 'gcc', args: [...cFlags, '-static', ...code], inputs, output: join(output, 'probes', name) }
}

/** A library to be preloaded. */
function library(source, name) {
  const inputs = [join(project, source)]
  return { command: 'gcc', args: [...cFlags, '-shared', '-fPIC', ...inputs], inputs, output: join(output, name) }
}

const headers = filesBelow(join(project, 'native'), ['.h'])

/** test/fixtures/layers/main.cc stands in the place of the released one. */
const launcherSources = [
  ...sources.launcher.linux
    .filter((source) => source !== 'linux/launch/main.cc')
    .map((source) => join('native', source)),
  'test/fixtures/layers/main.cc',
]

function object(source) {
  const path = join(project, source)
  return {
    command: 'g++',
    args: [...compileFlags, '-DMCPO_LAYERS_OF_PLAN', '-c', path],
    inputs: [path, ...headers],
    output: join(output, 'layers/objects', `${source.replaceAll('/', '-')}.o`),
  }
}

function link(objects) {
  const inputs = objects.map((job) => job.output)
  const args = [...linkFlags, ...inputs, ...libraries]
  return { command: 'g++', args, inputs, output: join(output, 'layers/mcpo-launch') }
}

async function main() {
  const objects = launcherSources.map(object)
  const programs = [program(join(fixtures, 'probes'), 'probe'), program(join(fixtures, 'outer'), 'filtered')]
  const preloaded = process.arch === 'x64' ? [library('test/lab/host/ptrace-xstate.c', 'lab/ptrace-xstate.so')] : []
  await build([...programs, ...preloaded, ...objects])
  await build([link(objects)])
}

if (process.platform === 'linux') {
  try {
    await main()
  } catch (error) {
    console.error(`test/build-probes: ${error.message}`)
    process.exitCode = 1
  }
}
