// Builds what the sandbox's tests need, where it is out of date: in build/test/probes the probe and what surrounds a gateway
// (filtered), and in build/test/launchers the launchers that lack a wall, which prove what that wall stops. Linux only; elsewhere there is nothing to build.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, filesBelow, project, sources } from './compile.mjs'

const fixtures = join(project, 'test/fixtures')
const output = join(project, 'build/test')

/** Names of the launchers and the walls they lack. Two at once where each refuses what the other does. */
const launchers = {
  seccomp: ['SECCOMP'],
  landlock: ['LANDLOCK'],
  capabilities: ['CAPABILITIES'],
  'no-new-privs': ['NO_NEW_PRIVS'],
  masks: ['MASKS'],
  'seccomp-and-capabilities': ['SECCOMP', 'CAPABILITIES'],
}

// As in binding.gyp, without what only hardens.
const compileFlags = ['-std=c++20', '-fno-exceptions', '-fno-rtti', '-O1', '-fPIE', '-fno-threadsafe-statics']
const linkFlags = ['-static-pie', '-nodefaultlibs', '-s']
const libraries = ['-Wl,--start-group', '-lc', '-lgcc', '-lgcc_eh', '-Wl,--end-group']

/** A static program of all C files of a folder. */
function program(folder, name) {
  const code = filesBelow(folder, ['.c'])
  const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-static', '-O1', '-Wall', '-Wextra', '-Werror']
  const inputs = [...code, ...filesBelow(folder, ['.h'])]
  return { command: 'gcc', args: [...flags, ...code], inputs, output: join(output, 'probes', name) }
}

const headers = filesBelow(join(project, 'native'), ['.h'])

/** One source of the launcher; only the few that ask which walls there are get compiled once per launcher. */
function object(source, name) {
  const path = join(project, 'native', source)
  const shared = !readFileSync(path, 'utf8').includes('"layers.h"')
  const defines = shared ? [] : launchers[name].map((layer) => `-DMCPO_WITHOUT_${layer}`)
  return {
    command: 'g++',
    args: [...compileFlags, ...defines, '-c', path],
    inputs: [path, ...headers],
    output: join(output, 'launchers/objects', shared ? 'shared' : name, `${source.replaceAll('/', '-')}.o`),
  }
}

function launcher(name, objects) {
  const inputs = objects.map((job) => job.output)
  const args = [...linkFlags, ...inputs, ...libraries]
  return { command: 'g++', args, inputs, output: join(output, `launchers/mcpo-launch.without-${name}`) }
}

async function main() {
  const perLauncher = Object.keys(launchers).map((name) => [
    name,
    sources.launcher.linux.map((file) => object(file, name)),
  ])
  const objects = new Map(perLauncher.flatMap(([, jobs]) => jobs).map((job) => [job.output, job]))
  const programs = [program(join(fixtures, 'probes'), 'probe'), program(join(fixtures, 'outer'), 'filtered')]
  await build([...programs, ...objects.values()])
  await build(perLauncher.map(([name, jobs]) => launcher(name, jobs)))
}

if (process.platform === 'linux') {
  try {
    await main()
  } catch (error) {
    console.error(`test/build-probes: ${error.message}`)
    process.exitCode = 1
  }
}
