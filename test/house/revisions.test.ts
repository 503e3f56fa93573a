/** Which revision of the protocol does what is said in one folder, a file for each. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '../../..')
const folder = 'lib/protocol/revisions'
/** `protocol` of a server is a word of the configuration. */
const configured = ['lib/config/model.ts', 'lib/config/schema/servers.ts', 'lib/config/rules/remote.ts']

t.test('code elsewhere decides nothing by the name of a revision', async (t) => {
  const files = sourcesIn('lib').filter((file) => !file.startsWith(`${folder}/`) && !configured.includes(file))
  t.ok(files.length > 100)
  for (const file of files) t.same(namesIn(readFileSync(join(root, file), 'utf8')), [], file)
})

t.test('the configuration names the modern revision alone', async (t) => {
  for (const file of configured)
    t.same([...new Set(namesIn(readFileSync(join(root, file), 'utf8')))], ['2026-07-28'], file)
})

t.test('names are found in code, and comments may have them', async (t) => {
  t.same(namesIn("if (version >= '2025-11-25') prime()"), ['2025-11-25'])
  t.same(namesIn('throw new Error(`not in 2025-06-18: ${version}`) // https://example.org/2025-03-26'), ['2025-06-18'])
  t.same(namesIn('/** As 2024-11-05 had it. */\n// and 2025-03-26\n/*\n * 2025-06-18\n */\nreturn'), [])
})

t.test('a revision is a file that no other revision is part of', async (t) => {
  const files = readdirSync(join(root, folder)).filter((name) => /^\d/.test(name))
  t.equal(files.length, 5)
  for (const file of files) {
    const text = readFileSync(join(root, folder, file), 'utf8')
    t.same(
      [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from),
      ['./model.ts'],
      file,
    )
    t.notMatch(text, /\.\.\./, file)
  }
})

function sourcesIn(path: string): string[] {
  return readdirSync(join(root, path), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
}

/** The dates in a source, but for those in comments. */
function namesIn(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '')
  return code.match(/\b20\d\d-\d\d-\d\d\b/g) ?? []
}
