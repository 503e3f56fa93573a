// Builds what the sandbox's tests need, where it is out of date: in build/test/probes the probe and what surrounds a gateway
// (filtered), and in build/test/launchers launchers that lack a wall: `without-` ones, whose self-check knows, prove what that
// wall stops; `broken-` ones, whose self-check is the product's, prove that it finds out. Linux only; elsewhere nothing is built.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, filesBelow, project, sources } from './compile.mjs'

const fixtures = join(project, 'test/fixtures')
const output = join(project, 'build/test')

/** Walls (launch/layers.h) without which a server can run; both at once where each refuses what the other does. */
const without = ['seccomp', 'landlock', 'capabilities', 'no-new-privs', 'masks', 'seccomp capabilities']

/** Walls whose lack the self-check, or the kernel before it, must find. */
const broken = [
  ...['seccomp', 'landlock', 'capabilities', 'no-new-privs', 'masks', 'own-ids', 'read-only-root', 'host-tree-gone'],
  ...['closed-descriptors', 'network-namespace', 'pid-namespace', 'ipc-namespace'],
]

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

const launcherSources = sources.launcher.linux.map((source) => {
  const path = join(project, 'native', source)
  return { source, path, asksForWalls: /"(\.\.\/)?(layers|ids)\.h"/.test(readFileSync(path, 'utf8')) }
})

const launchers = [
  ...without.map((walls) => ({ name: `without-${walls.replace(' ', '-and-')}`, walls, isWhole: () => false })),
  ...broken.map((walls) => ({ name: `broken-${walls}`, walls, isWhole: ({ source }) => source.includes('/proof/') })),
]

/** Only the few sources that ask which walls there are (ids.h does) get compiled once for each set of walls. */
function object({ source, path }, walls) {
  return {
    command: 'g++',
    args: [...compileFlags, `-DMCPO_WITHOUT="${walls}"`, '-c', path],
    inputs: [path, ...headers],
    output: join(output, 'launchers/objects', walls.replace(' ', '-') || 'whole', `${source.replaceAll('/', '-')}.o`),
  }
}

function objectsOf({ walls, isWhole }) {
  return launcherSources.map((file) => object(file, file.asksForWalls && !isWhole(file) ? walls : ''))
}

function link(launcher) {
  const inputs = objectsOf(launcher).map((job) => job.output)
  const args = [...linkFlags, ...inputs, ...libraries]
  return { command: 'g++', args, inputs, output: join(output, `launchers/mcpo-launch.${launcher.name}`) }
}

async function main() {
  const objects = new Map(launchers.flatMap(objectsOf).map((job) => [job.output, job]))
  const programs = [program(join(fixtures, 'probes'), 'probe'), program(join(fixtures, 'outer'), 'filtered')]
  await build([...programs, ...objects.values()])
  await build(launchers.map(link))
}

if (process.platform === 'linux') {
  try {
    await main()
  } catch (error) {
    console.error(`test/build-probes: ${error.message}`)
    process.exitCode = 1
  }
}
