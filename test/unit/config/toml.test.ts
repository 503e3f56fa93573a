import { deepStrictEqual } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from '@decimalturn/toml-patch'
import fc from 'fast-check'
import t from 'tap'
import { parseToml } from '../../../lib/config/toml.ts'

/** Dates by their instant, which is what both parsers agree on; bigints and NaN as they are. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return { date: value.getTime() }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([key, item]) => [key, plain(item)])
}

function readToml(text: string): unknown {
  const parsed = parseToml(text)
  if ('reason' in parsed) throw new Error(`${JSON.stringify(parsed)} in ${text}`)
  return parsed.value
}

const texts = [
  '',
  '# only a comment',
  'a = 1\r\nb = "x"\r\n',
  'a.b.c = 1\na.b.d = 2\n"quoted key" = 3\n\'literal\' = 4',
  '[[a]]\nx = 1\n[a.b]\ny = 2\n[[a]]\n[[a.c]]\nz = 3\n[[a.c]]\n',
  'a = { b = 1, c.d = "x", e = [1, [2, "3"], { f = true }] }',
  "a = \"\"\"\nline \\\n   joined\n\"\"\"\nb = '''\n'raw'\n'''",
  'a = "\\t\\u00e9\\U0001F600\\""',
  'a = 0xff\nb = 0o17\nc = 0b11\nd = 1_000\ne = -0\nf = +5',
  'a = 9007199254740993\nb = -9007199254740993',
  'a = 1.5\nb = 1e3\nc = -2E-2\nd = inf\ne = -inf\nf = nan\ng = -0.0',
  'a = 2026-01-01\nb = 2026-01-01T10:00:00Z\nc = 2026-01-01 10:00:00.5+02:00\nd = 2026-01-01T10:00:00\ne = 10:32:00.555',
  readFileSync('config.example.toml', 'utf8'),
]

for (const [index, text] of texts.entries()) {
  t.test(`both parsers read the same, text ${index + 1}`, async (t) => {
    t.strictSame(plain(readToml(text)), plain(parse(text)))
  })
}

const key = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/),
  fc.string({ maxLength: 6, unit: 'grapheme' }).map((text) => JSON.stringify(text)),
)
const scalar = fc.oneof(
  fc.integer().map(String),
  fc.boolean().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-5, max: 1e15 }).map((value) => value.toFixed(6)),
  fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify(text).replaceAll('\u007f', '\\u007F')),
  fc.stringMatching(/^[ -&(-~]{0,12}$/).map((text) => `'${text}'`),
)
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(', ')}]`),
    fc
      .uniqueArray(fc.tuple(key, tie('value')), { maxLength: 4, selector: ([name]) => unquoted(name) })
      .map(inlineTable),
  ),
}))
const rows = fc
  .uniqueArray(fc.tuple(key, value), { maxLength: 6, selector: ([name]) => unquoted(name) })
  .map((list) => list.map(([name, item]) => `${name} = ${item}\n`).join(''))
const block = fc.tuple(fc.constantFrom('[[list]]', '[[list]]', '[list.sub]', '[table]'), rows)

function unquoted(name: string): string {
  return name.startsWith('"') ? (JSON.parse(name) as string) : name
}

function inlineTable(entries: [string, string][]): string {
  return `{ ${entries.map(([name, item]) => `${name} = ${item}`).join(', ')} }`
}

t.test('both parsers read the same, whatever is written; what one alone takes is refused', async (t) => {
  let compared = 0
  const check = (head: string, blocks: [string, string][]) => {
    const text = head + blocks.map(([header, body]) => `${header}\n${body}`).join('')
    const parsed = parseToml(text)
    if ('reason' in parsed) return
    compared += 1
    deepStrictEqual(plain(parsed.value), plain(parse(text)))
  }
  fc.assert(fc.property(rows, fc.array(block, { maxLength: 4 }), check), { numRuns: 500 })
  t.ok(compared > 100, `${compared} documents were valid`)
})

t.test('the gaps of the reading parser are known: a date in lower case', async (t) => {
  t.match(parseToml('a = 1987-07-05t17:45:00z'), { reason: /datetime/i, position: { line: 1 } })
})

t.test('the gaps of the reading parser are known: local times lose what is below a millisecond', async (t) => {
  t.strictSame(plain(readToml('a = 17:45:00.1234567')), plain(parse('a = 17:45:00.123')))
})

t.test('the gaps of the reading parser are known: zero with an exponent and no sign', async (t) => {
  t.match(parseToml('a = 0e0'), { reason: /Unexpected character/, position: { line: 1 } })
  t.strictSame(readToml('a = +0e0'), { a: 0 })
})

const broken: [text: string, reason: string, line: number, column: number][] = [
  ['a = [1,\n', 'Expected "]"', 1, 5],
  ['a = 1\nb = 2\na = 3\nc = 4', 'Value already defined for a', 3, 1],
  ['[a]\n[b]\n[a]', 'Table already defined: a', 3, 1],
  ['a = 1\n\n[x]\n é = 1', 'Unexpected char "é"', 4, 2],
  ['a = "x\ny"', 'Newline (0x0A) not allowed in basic strings', 1, 7],
  ['a = "x" y', 'Key/value pairs must be separated by a newline', 1, 9],
  ['a = "\\q"', 'Invalid escape sequence: \\q', 1, 5],
  ['a = word', 'expected a string in quotes, a number, true, false, a date, a list or a table', 1, 5],
  ['[a\nb = 1', 'Table header must be single-line', 2, 1],
  ['a = { b = 1,\n c = 2 }', 'Unterminated inline array', 1, 14],
]

for (const [text, reason, line, column] of broken) {
  t.test(`${JSON.stringify(text)} is refused where it is wrong`, async (t) => {
    t.strictSame(parseToml(text), { reason, position: { line, column } })
  })
}

const inherited = [
  'toString.a = 1',
  '[x]\n[constructor]\na = 1',
  'x = [{ hasOwnProperty.call = 1 }]',
  '"__proto__" = 1',
]

for (const text of inherited) {
  t.test(`a key that every object inherits is refused before anything is written to it: ${text}`, async (t) => {
    t.match(parseToml(text), { reason: /cannot be a key/, position: { line: text.split('\n').length > 1 ? 2 : 1 } })
    const functions: object[] = [Object, Object.prototype.toString, Object.prototype.hasOwnProperty]
    for (const inner of functions) t.notOk(Object.hasOwn(inner, 'a') || Object.hasOwn(inner, 'call'))
  })
}

t.test('nesting without end is refused, not a crash', async (t) => {
  t.match(parseToml(`a = ${'['.repeat(50_000)}${']'.repeat(50_000)}`), { reason: 'nested too deeply' })
})

t.test('a reason never quotes a value of the file', async (t) => {
  const lines = ['token = hunter2', 'token = 1.hunter2', 'token = 2026-hunter2', 'token = +hunter2', 'token = "hunter2']
  for (const line of [
    ...lines,
    'token = "\\uhunter2"',
    'token = ["hunter2" 1',
    '[table] hunter2',
    'token = "hunter2\u0001"',
  ]) {
    const parsed = parseToml(line)
    t.notMatch('reason' in parsed ? parsed.reason : 'hunter2', /hunter2/, line)
  }
})
