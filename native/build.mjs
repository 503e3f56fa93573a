// Builds build/Release/mcp_one.node and mcpo-launch with node-gyp. Downloads nothing: Node's headers come from beside the
// running Node or from the npm package node-api-headers (Node-API is one C interface for every Node).
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findMissingTool } from './toolchain.mjs'

const require = createRequire(import.meta.url)
const root = fileURLToPath(new URL('..', import.meta.url))

function main() {
  const missing = findMissingTool()
  if (missing !== null) return fail(missing)
  const gyp = resolve('node-gyp/bin/node-gyp.js')
  const headers = findHeaders()
  if (gyp === null || headers === null || resolve('node-addon-api') === null) {
    return fail('the npm packages node-gyp, node-addon-api and node-api-headers are needed: run `npm ci`')
  }
  const nodeDir = makeNodeDir(headers)
  // Of what is there before: whoever changes a source meanwhile has to build again.
  const began = new Date()
  const sources = digestsOfSources()
  const built = spawnSync(
    process.execPath,
    [gyp, 'configure', 'build', `--nodedir=${nodeDir}`, '--jobs=max', '--loglevel=warn'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: buildEnvironment(nodeDir),
    },
  )
  if (built.status !== 0) return fail('the compiler or node-gyp failed; what it said is above')
  const record = join(root, 'build', 'Release', 'built-from.json')
  writeFileSync(record, `${JSON.stringify(sources, null, 2)}\n`)
  utimesSync(record, began, began)
  return 0
}

function fail(reason) {
  console.error(`native/build: cannot build the addon: ${reason}`)
  return 1
}

function resolve(name) {
  try {
    return require.resolve(name)
  } catch {
    return null
  }
}

/** SHA-256 of each file that the build is made of, by its path: `lib/native/built-from.ts` compares. */
function digestsOfSources() {
  const folders = ['core', 'linux', 'napi', 'unsupported'].map((name) => join('native', name))
  const inside = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(folder, name)),
  )
  const files = inside.filter((file) => /\.(cc|h)$/.test(file)).sort()
  return Object.fromEntries(
    ['binding.gyp', join('native', 'sources.json'), ...files].map((file) => [file, digestOf(file)]),
  )
}

function digestOf(file) {
  return createHash('sha256')
    .update(readFileSync(join(root, file)))
    .digest('hex')
}

/** The folder that holds node_api.h, or null. */
function findHeaders() {
  const beside = join(dirname(dirname(process.execPath)), 'include', 'node')
  if (existsSync(join(beside, 'node_api.h'))) return beside
  const packaged = resolve('node-api-headers')
  return packaged === null ? null : join(dirname(packaged), 'include')
}

/**
 * What node-gyp takes for a Node distribution: the headers of Node-API, and gyp files that add no flags of Node's own,
 * so that every Node gives the same build.
 */
function makeNodeDir(headers) {
  const nodeDir = join(root, 'build', 'node')
  const include = join(nodeDir, 'include', 'node')
  rmSync(nodeDir, { recursive: true, force: true })
  mkdirSync(include, { recursive: true })
  for (const name of ['node_api.h', 'node_api_types.h', 'js_native_api.h', 'js_native_api_types.h']) {
    cpSync(join(headers, name), join(include, name))
  }
  writeFileSync(join(include, 'config.gypi'), "{ 'variables': {}, 'target_defaults': {} }\n")
  writeFileSync(join(include, 'common.gypi'), commonGypi)
  return nodeDir
}

const commonGypi = `{
  'variables': { 'node_engine_include_dir%': '', 'standalone_static_library': 1, 'visibility%': 'hidden' },
  'target_defaults': {
    'default_configuration': 'Release',
    'configurations': { 'Release': {} },
  },
}
`

/** A home of its own, so that neither a user's npm settings nor a missing or read-only home change the build. */
function buildEnvironment(nodeDir) {
  const home = join(nodeDir, 'home')
  mkdirSync(home, { recursive: true })
  const path = [dirname(process.execPath), process.env.PATH ?? ''].join(delimiter)
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_config_/i.test(name))
  return { ...Object.fromEntries(kept), PATH: path, npm_config_devdir: join(nodeDir, 'cache'), XDG_CACHE_HOME: home }
}

process.exitCode = main()
