/** What an executable needs beside itself: the prefix of an interpreter, the base of a virtual environment. */
import { basename, dirname, join } from 'node:path'
import type { Exposure } from './exposure.ts'
import { isOfSystem } from './exposure.ts'
import { isProgram, lookAt, realPathOf, textOf } from './look.ts'

export type Language = 'node' | 'python' | 'other'

export function languageOf(executable: string): Language {
  const name = basename(executable)
  if (/^(node|nodejs)(-?\d.*)?$/.test(name)) return 'node'
  return /^(python|pypy)[\d.]*t?$/.test(name) ? 'python' : 'other'
}

/**
 * Shows an executable. Returns the path by which it is to be executed inside: as found where that path is visible (a
 * virtual environment's python finds its packages by it), and else the real one.
 */
export async function showExecutable(found: string, exposure: Exposure): Promise<string> {
  const real = (await realPathOf(found)) ?? found
  const environment = await virtualEnvironment(found)
  if (environment !== null) {
    await showVirtualEnvironment(environment, exposure)
    exposure.link(dirname(dirname(found)), environment)
  }
  await showReal(real, exposure)
  const executable =
    environment === null ? pathInside(found, real, exposure) : join(environment, 'bin', basename(found))
  exposure.search(dirname(executable))
  return executable
}

function pathInside(found: string, real: string, exposure: Exposure): string {
  return exposure.sees(found) ? found : real
}

async function showReal(real: string, exposure: Exposure): Promise<void> {
  if (isOfSystem(real)) return
  const store = exposure.storeOf(real)
  if (store !== null) exposure.show(store)
  else if (languageOf(real) === 'other') exposure.show(real)
  else await showPrefix(real, exposure)
}

/** `<prefix>/bin/node`: the prefix, when it is one of its own, or else the file and its library. */
async function showPrefix(real: string, exposure: Exposure): Promise<void> {
  const prefix = dirname(dirname(real))
  if (basename(dirname(real)) === 'bin' && exposure.maySee(prefix) && !isGeneral(prefix)) {
    exposure.show(prefix)
    return
  }
  exposure.show(real)
  const libraries = languageOf(real) === 'node' ? ['lib/node_modules'] : [`lib/${basename(real)}`]
  for (const library of libraries) {
    const folder = await realPathOf(join(prefix, library))
    if (folder !== null) exposure.show(folder)
  }
}

/** A prefix that holds an account's other things too. */
function isGeneral(prefix: string): boolean {
  return ['.local', '.cargo', '.deno', '.bun', '.config'].includes(basename(prefix))
}

/** The real folder of the virtual environment whose `bin` holds the file. */
async function virtualEnvironment(found: string): Promise<string | null> {
  const folder = dirname(dirname(found))
  if ((await lookAt(join(folder, 'pyvenv.cfg'))) === null) return null
  return realPathOf(folder)
}

async function showVirtualEnvironment(folder: string, exposure: Exposure): Promise<void> {
  exposure.show(folder)
  const settings = (await textOf(join(folder, 'pyvenv.cfg'))) ?? ''
  const home = /^home\s*=\s*(.+)$/m.exec(settings)?.[1]?.trim()
  const python =
    (await realPathOf(join(folder, 'bin/python'))) ??
    (home === undefined ? null : await realPathOf(join(home, 'python3')))
  // A link and a line that the server may have written: neither leads to a file that is no program.
  if (python !== null && (await isProgram(python))) await showReal(python, exposure)
}
