/** The layering of ARCHITECTURE.md, derived from the sources themselves: left may not import right. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
const lib = join(root, 'lib')

/** Each layer may import itself and every layer in a row above its own. */
const layers: readonly (readonly string[])[] = [
  ['errors'],
  ['policy', 'protocol'],
  ['config', 'native', 'egress'],
  ['sandbox', 'auth', 'observe'],
  ['upstream', 'registry'],
  ['gateway'],
  ['http'],
  ['cli'],
]
/** Files that only describe data, so that layers side by side can speak of each other's words. */
const nativeUsers = ['sandbox', 'upstream']
const impure = [
  'fs',
  'net',
  'process',
  'child_process',
  'http',
  'https',
  'tls',
  'dns',
  'os',
  'timers',
  'worker_threads',
  'perf_hooks',
]

interface Import {
  readonly file: string
  readonly specifier: string
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)|(?:^|\n)import\s+'([^']+)'/g,
  )
  return [...found].map((match) => ({ file, specifier: match[1] ?? match[2] ?? match[3] ?? '' }))
}

/** `lib/policy/relax/full.ts` → `policy`; `lib/errors.ts` → `errors`. */
function layerOf(path: string): string {
  return relative(lib, path).split('/')[0]!.replace(/\.ts$/, '')
}

function rank(layer: string): number {
  return layers.findIndex((row) => row.includes(layer))
}

const all = sources(lib).flatMap(importsOf)
const inner = all
  .filter(({ specifier }) => specifier.startsWith('.'))
  .map(({ file, specifier }) => ({ file, target: resolve(dirname(file), specifier) }))

function breaches(edges: readonly { file: string; target: string }[]): string[] {
  return edges
    .filter(({ file, target }) => {
      const [from, to] = [layerOf(file), layerOf(target)]
      return from !== to && rank(to) >= rank(from)
    })
    .map(({ file, target }) => `${relative(root, file)} imports ${relative(root, target)}`)
}

t.test('every folder of lib/ is in the layering', async (t) => {
  const unknown = sources(lib).filter((file) => rank(layerOf(file)) < 0)
  t.same(unknown, [])
  t.ok(inner.length > 20, 'the graph was really read')
})

t.test('no layer imports one beside or to the right of it', async (t) => {
  t.same(breaches(inner), [])
})

t.test('a breach is found when there is one', async (t) => {
  t.same(breaches([{ file: join(lib, 'policy/compile.ts'), target: join(lib, 'http/server.ts') }]).length, 1)
})

t.test('policy and protocol touch neither files, network, processes nor clocks', async (t) => {
  const touching = all
    .filter(({ file }) => ['policy', 'protocol'].includes(layerOf(file)))
    .filter(({ specifier }) =>
      impure.some((name) => specifier === `node:${name}` || specifier.startsWith(`node:${name}/`)),
    )
  t.same(touching, [])
})

t.test('only sandbox and upstream reach the native border', async (t) => {
  const reaching = inner
    .filter(({ file, target }) => layerOf(target) === 'native' && layerOf(file) !== 'native')
    .filter(({ file }) => !nativeUsers.includes(layerOf(file)))
    .map(({ file }) => relative(root, file))
  t.same(reaching, [])
})

t.test('no import cycles', async (t) => {
  const edges = new Map<string, string[]>()
  for (const { file, target } of inner) edges.set(file, [...(edges.get(file) ?? []), target])
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].map((each) => relative(root, each)).join(' → '))
      return
    }
    state.set(file, 'open')
    for (const next of edges.get(file) ?? []) visit(next, [...path, file])
    state.set(file, 'done')
  }
  for (const file of edges.keys()) visit(file, [])
  t.same(cycles, [])
})
