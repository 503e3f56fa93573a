/** The code that belongs to a script: its package, the packages it loads, and no data of anybody's. */
import { dirname, join } from 'node:path'
import type { Exposure } from './exposure.ts'
import { isOfSystem } from './exposure.ts'
import { lookAt, realPathOf } from './look.ts'

/** Files that make a folder a package. */
const markers = ['package.json', 'pyproject.toml', 'setup.py', 'setup.cfg', 'deno.json']
const maxParents = 64

/** `script` is canonical. */
export async function showPackageOf(script: string, exposure: Exposure): Promise<void> {
  if (isOfSystem(script) || exposure.sees(script)) return
  const store = exposure.storeOf(script)
  const modules = outermostModules(script)
  if (store !== null) exposure.show(store)
  else if (modules !== null) exposure.showFolder(modules, innermostPackage(script))
  else await showProject(script, exposure)
}

async function showProject(script: string, exposure: Exposure): Promise<void> {
  const folder = await nearestPackage(dirname(script))
  if (folder === null) {
    exposure.show(script)
    return
  }
  if (exposure.maySee(folder)) exposure.show(folder)
  else await showParts(folder, script, exposure)
  await showModulesAbove(dirname(folder), exposure)
}

/** A package whose folder holds secrets or is somebody's home: the script's own folder and the packages it loads. */
async function showParts(folder: string, script: string, exposure: Exposure): Promise<void> {
  if (dirname(script) === folder) exposure.show(script)
  else exposure.showFolder(dirname(script), script)
  for (const name of [...markers, 'node_modules']) {
    const path = await realPathOf(join(folder, name))
    if (path !== null) exposure.show(path)
  }
}

/** Workspaces keep the packages of their members in the folder above. */
export async function showModulesAbove(start: string, exposure: Exposure): Promise<void> {
  for (let folder = await nearestPackage(start); folder !== null; folder = await nearestPackage(dirname(folder))) {
    const modules = await realPathOf(join(folder, 'node_modules'))
    if (modules !== null) exposure.show(modules)
    if (folder === '/') return
  }
}

async function nearestPackage(start: string): Promise<string | null> {
  let folder = start
  for (let step = 0; step < maxParents && folder !== '/'; step++) {
    for (const name of markers) if ((await lookAt(join(folder, name))) !== null) return folder
    folder = dirname(folder)
  }
  return null
}

function outermostModules(path: string): string | null {
  const name = '/node_modules/'
  const index = path.indexOf(name)
  return index < 0 ? null : path.slice(0, index + name.length - 1)
}

/** `…/node_modules/@scope/name` or `…/node_modules/name`, the last one in the path. */
function innermostPackage(path: string): string {
  const name = '/node_modules/'
  const start = path.lastIndexOf(name) + name.length
  const parts = path.slice(start).split('/')
  return path.slice(0, start) + parts.slice(0, parts[0]?.startsWith('@') ? 2 : 1).join('/')
}
