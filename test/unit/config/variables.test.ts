import t from 'tap'
import { fillVariables } from '../../../lib/config/variables.ts'
import { load, localServers, refusalOf, server } from './harness.ts'

const fill = (text: string, env: NodeJS.ProcessEnv = {}) => fillVariables({ a: text }, env, { CONFIG_DIR: '/etc/x' })
const filled = (text: string, env: NodeJS.ProcessEnv = {}) => (fill(text, env).value as { a: string }).a

const cases: [what: string, text: string, env: NodeJS.ProcessEnv, result: string][] = [
  ['a variable', '${A}', { A: 'x' }, 'x'],
  ['a variable inside text', '<${A}${B_1}>', { A: 'x', B_1: 'y' }, '<xy>'],
  ['an empty variable', '${A}', { A: '' }, ''],
  ['a default that is not needed', '${A:-d}', { A: 'x' }, 'x'],
  ['a default for an unset variable', '${A:-d e}', {}, 'd e'],
  ['a default for an empty variable', '${A:-d}', { A: '' }, 'd'],
  ['an empty default', '${A:-}', {}, ''],
  ['a default with a colon and a dash', '${A:-:-}', {}, ':-'],
  ['an escaped reference', '$${A}', { A: 'x' }, '${A}'],
  ['an escape before a reference', '$${${A}', { A: 'x' }, '${x'],
  ['a lone dollar', '$A $ $$', { A: 'x' }, '$A $ $$'],
  ['a variable that holds a reference', '${A}', { A: '${B}', B: 'x' }, '${B}'],
  ['the folder of the file', '${CONFIG_DIR}/y', { CONFIG_DIR: '/elsewhere' }, '/etc/x/y'],
]

for (const [what, text, env, result] of cases) {
  t.test(`${what} is filled in as it should`, async (t) => {
    t.equal(filled(text, env), result)
    t.strictSame(fill(text, env).problems, [])
  })
}

for (const text of ['${', '${}', '${1A}', '${A', '${A:d}', '${A-d}', '${A:-', 'x ${ y']) {
  t.test(`"${text}" is no reference, and refused`, async (t) => {
    t.match(fill(text, { A: 'x' }).problems, [{ path: ['a'], message: /has "\$\{" that is neither/ }])
  })
}

for (const name of ['constructor', 'toString', '__proto__']) {
  t.test(`what every object has is no variable: ${name}`, async (t) => {
    t.match(fill(`\${${name}}`).problems, [{ message: /no variable/ }])
  })
}

t.test('only string values are filled: not keys, not numbers, not dates', async (t) => {
  const when = new Date(0)
  const { value, used } = fillVariables({ '${A}': 1, b: [true, when, ['${A}']], c: { d: '${A}' } }, { A: 'x' }, {})
  t.strictSame(value, { '${A}': 1, b: [true, when, ['x']], c: { d: 'x' } })
  t.strictSame([...used], ['A'])
})

t.test(
  'the names that were used are known, whether they were set or not, and the built-in one is not among them',
  async (t) => {
    t.strictSame([...fill('${A} ${B:-x} ${CONFIG_DIR} $${C}', { A: '1' }).used], ['A', 'B'])
  },
)

t.test('nesting without end is refused', async (t) => {
  let deep: unknown = 'x'
  for (let level = 0; level < 10_000; level++) deep = [deep]
  t.match(fillVariables({ deep }, {}, {}).problems, [{ message: /nested deeper than 32 levels/ }])
})

t.test('a value that grows without end is refused', async (t) => {
  t.match(fill('${A}'.repeat(20), { A: 'x'.repeat(100_000) }).problems, [{ message: /too long/ }])
})

t.test('an unset variable is named with its place, and nothing else is said of that value', async (t) => {
  t.strictSame(await refusalOf(t, '[[servers]]\nname = "files"\ncommand = "${NOPE}"'), [
    'config.toml:3:11: servers.files.command uses ${NOPE}, and the environment has no variable NOPE; set it, or write ${NOPE:-default}',
  ])
})

t.test('what a variable holds is never quoted', async (t) => {
  const text = '[server]\nhost = "${SECRET}"\nport = "${SECRET}"\ncert_path = "${SECRET}"'
  const lines = await refusalOf(t, text, { SECRET: 'hunter2 hunter2' })
  t.equal(lines.length, 4)
  t.notMatch(lines.join('\n'), /hunter2/)
  t.match(lines[0], 'got "${SECRET}"')
})

t.test('tokens, variables, arguments and lines that are no TOML are never quoted', async (t) => {
  const texts = [
    '[auth]\ntype = "static"\ntoken = "hunter2"',
    'auth = "hunter2"',
    server('env = "hunter2"'),
    server('args = "hunter2"'),
    server('env = { A = "hunter2\\u0000" }'),
    '[auth]\ntoken = "hunter2\n',
    '[auth]\ntoken = hunter2\n',
  ]
  for (const text of texts) t.notMatch((await refusalOf(t, text)).join('\n'), /hunter2/, text)
})

t.test('the used names reach the configuration', async (t) => {
  const config = await load(t, server('args = ["${A}", "${CONFIG_DIR}"]'), { A: 'x', B: 'y' })
  t.strictSame([...config.usedVariables], ['A'])
  t.strictSame(localServers(config)[0]?.args, ['x', t.testdirName])
})
