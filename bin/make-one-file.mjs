// Makes what `mcpo.js` loads first: the modules that `mcpo sandbox run` can reach, as one script in which each module is
// evaluated when something of it is first used. A part of `npm run build:ts`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { loadOneFile, oneFile } from './mcpo.js'

const root = join(import.meta.dirname, '..')
const entries = ['lib/cli/sandbox-run/plainly.ts', 'lib/sandbox/end-process.ts']

/** As in tsconfig.json, but for the kind of modules; types were checked before. */
const compilerFlags =
  '--ignoreConfig --noCheck --removeComments --module commonjs --target es2023 --types node --rewriteRelativeImportExtensions'

if (process.argv[2] === '--cache') await makeCache()
else makeBoth()

function makeBoth() {
  const folder = mkdtempSync(join(tmpdir(), 'mcpo-one-file-'))
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const flags = [...compilerFlags.split(' '), '--rootDir', 'lib', '--outDir', folder]
    run(process.execPath, [tsc, ...flags, ...entries])
    // In this order: a cache must never lie beside a script that it is not of.
    rmSync(oneFile.cache, { force: true })
    writeFileSync(oneFile.script, joined(folder), 'latin1')
    run(process.execPath, [import.meta.filename, '--cache'])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Of what one run compiled, even where this machine has no sandbox to offer. */
async function makeCache() {
  const { script, need } = loadOneFile()
  process.argv.splice(2, 1, 'sandbox', 'run', '--', '/bin/true')
  process.stderr.write = () => true
  await need('cli/sandbox-run/plainly.js').runPlainly(process.argv)
  writeFileSync(oneFile.cache, script.createCachedData())
  process.exitCode = 0
}

function joined(folder) {
  const paths = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith('.js'))
  const modules = paths.sort().map((path) => moduleOf(path, readFileSync(join(folder, path), 'utf8')))
  return `(function (builtin, placeOf) {
'use strict'
const loaded = new Map()
function need(id) {
  const known = loaded.get(id)
  if (known !== undefined) return known
  if (!Object.hasOwn(modules, id)) return builtin(id)
  const exports = {}
  loaded.set(id, exports)
  modules[id](exports)
  return exports
}
const modules = {
${modules.join('')}}
return need
})
`
}

/** tsc's `const x_js_1 = require("./x.js")` becomes a function, and each `x_js_1.y` a call of it. */
function moduleOf(path, text) {
  const names = []
  let body = text.replace(/^(?:const|var) (\w+) = require\("([^"]+)"\);$/gm, (_, name, from) => {
    names.push(name)
    return `const ${name} = () => need(${JSON.stringify(from.startsWith('.') ? join(dirname(path), from) : from)});`
  })
  if (names.length > 0) body = body.replaceAll(new RegExp(`\\b(${names.join('|')})\\.(\\w+)`, 'g'), '($1().$2)')
  body = body
    .replaceAll('import.meta.dirname', `placeOf(${JSON.stringify(dirname(path))})`)
    .replace(/^(?:"use strict";|Object\.defineProperty\(exports, "__esModule".*)\n/gm, '')
    .replaceAll(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (/\brequire\(|\bimport\.meta/.test(body)) throw new Error(`${path} has an import that this does not understand`)
  return `${JSON.stringify(path)}(exports) {\n${body}},\n`
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${args.join(' ')} failed`)
}
