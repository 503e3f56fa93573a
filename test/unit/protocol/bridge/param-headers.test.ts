import t from 'tap'
import {
  agrees,
  decodeHeaderValue,
  encodeHeaderValue,
  type ParamHeader,
  paramHeadersOf,
  paramHeaderValue,
} from '../../../../lib/protocol/bridge/param-headers.ts'

const schemaOf = (properties: object) => ({ type: 'object', properties })
const text = (name: unknown, type: unknown = 'string') => ({ type, 'x-mcp-header': name })
const region: ParamHeader = { header: 'mcp-param-region', path: ['region'], type: 'string' }
const count: ParamHeader = { header: 'mcp-param-count', path: ['count'], type: 'integer' }
const isDry: ParamHeader = { header: 'mcp-param-dry', path: ['dry'], type: 'boolean' }

t.test('annotated params are found at any depth of properties', async (t) => {
  const schema = schemaOf({ region: text('Region'), deep: schemaOf({ count: text('Count', 'integer') }), other: {} })
  t.same(paramHeadersOf(schema), {
    headers: [region, { header: 'mcp-param-count', path: ['deep', 'count'], type: 'integer' }],
    problem: null,
  })
})

t.test('a schema without annotations, and what is no schema, ask for no header', async (t) => {
  for (const schema of [schemaOf({ region: {} }), {}, true, null, undefined, [], 'x', { properties: [] }])
    t.same(paramHeadersOf(schema), { headers: [], problem: null })
})

t.test('a param or a default that is only called like the annotation is none', async (t) => {
  const named = schemaOf({ 'x-mcp-header': { type: 'string' }, other: { default: text('A'), enum: [text('B')] } })
  t.same(paramHeadersOf(named), { headers: [], problem: null })
})

t.test('an annotation that is no name for a header makes the tool invalid', async (t) => {
  for (const name of ['', 'My Region', 'a:b', 'a\r\nb', 'é', 7, null, ['x']])
    t.match(paramHeadersOf(schemaOf({ region: text(name) })), { headers: [], problem: /no name for a header/ })
  t.equal(paramHeadersOf(schemaOf({ region: text("x!#$%&'*+-.^_`|~9") })).problem, null)
})

t.test('an annotation on anything but a string, an integer or a boolean makes the tool invalid', async (t) => {
  for (const type of ['number', 'object', 'array', 'null', null, ['string', 'null']])
    t.match(paramHeadersOf(schemaOf({ region: text('Region', type) })), { problem: /no string, integer or boolean/ })
  t.match(paramHeadersOf(schemaOf({ region: { 'x-mcp-header': 'Region' } })), { problem: /no string/ })
  for (const type of ['string', 'integer', 'boolean'])
    t.equal(paramHeadersOf(schemaOf({ region: text('Region', type) })).problem, null)
})

t.test('two annotations that differ in letter case only make the tool invalid', async (t) => {
  t.match(paramHeadersOf(schemaOf({ a: text('Region'), b: text('REGION') })), { problem: /second of the name/ })
  t.equal(paramHeadersOf(schemaOf({ a: text('Region'), b: text('Region2') })).problem, null)
})

t.test('an annotation that properties alone do not lead to makes the tool invalid', async (t) => {
  const within = schemaOf({ region: text('Region') })
  for (const key of ['items', 'not', 'if', 'then', 'else', 'additionalProperties', 'contains', 'propertyNames'])
    t.match(paramHeadersOf(schemaOf({ list: { [key]: within } })), { problem: /not reachable/ }, key)
  for (const key of ['oneOf', 'anyOf', 'allOf', 'prefixItems'])
    t.match(paramHeadersOf({ [key]: [{}, within] }), { problem: /not reachable/ }, key)
  for (const key of ['$defs', 'definitions', 'patternProperties', 'dependentSchemas'])
    t.match(paramHeadersOf({ [key]: { some: within } }), { problem: /not reachable/ }, key)
  t.match(paramHeadersOf(text('Root')), { problem: /not reachable/ })
})

t.test('schemas that nest or annotate without end are refused', async (t) => {
  let deep: object = text('Region')
  for (let level = 0; level < 100; level += 1) deep = schemaOf({ a: deep })
  t.match(paramHeadersOf(deep), { problem: /nests deeper/ })
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`p${at}`, text(`P${at}`)]))
  t.match(paramHeadersOf(schemaOf(many)), { problem: /more than 64/ })
})

t.test('values become headers as their type says', async (t) => {
  const args = { region: 'us-west1', count: -7, dry: false }
  t.equal(paramHeaderValue(region, args), 'us-west1')
  t.equal(paramHeaderValue(count, args), '-7')
  t.equal(paramHeaderValue(isDry, args), 'false')
})

t.test('absent, null and unfitting values become no header', async (t) => {
  for (const args of [{}, null, [], { region: null }, { region: 7 }, { region: {} }])
    t.equal(paramHeaderValue(region, args), null)
  for (const value of [1.5, 2 ** 53, '7', true]) t.equal(paramHeaderValue(count, { count: value }), null)
  t.equal(paramHeaderValue({ ...region, path: ['__proto__', 'region'] }, {}), null)
})

t.test('what a header cannot carry is encoded, and comes back as it was', async (t) => {
  const table = {
    'us-west1': 'us-west1',
    'a b': 'a b',
    'Hello, 世界': '=?base64?SGVsbG8sIOS4lueVjA==?=',
    ' padded ': '=?base64?IHBhZGRlZCA=?=',
    'line1\nline2': '=?base64?bGluZTEKbGluZTI=?=',
    '=?base64?literal?=': '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?=',
    '': '=?base64??=',
  }
  for (const [value, header] of Object.entries(table)) {
    t.equal(encodeHeaderValue(value), header)
    t.equal(decodeHeaderValue(header), value)
  }
})

t.test('what is encoded wrongly is no value, and what is not encoded stands for itself', async (t) => {
  for (const wrong of ['=?base64?SGVsbG8?=', '=?base64?SGVs!!!bG8=?=', '=?base64?/w==?=', 'caf\u00e9', 'a\u0001'])
    t.equal(decodeHeaderValue(wrong), null, wrong)
  for (const literal of ['SGVsbG8=', '=?base64?SGVsbG8=', 'SGVsbG8=?=', '=?BASE64?SGVsbG8=?='])
    t.equal(decodeHeaderValue(literal), literal)
})

t.test('a header agrees with the body when both say the same, or neither says anything', async (t) => {
  t.ok(agrees('Hello', '=?base64?SGVsbG8=?='))
  t.ok(agrees('us-west1', 'us-west1'))
  t.ok(agrees('', ''))
  t.ok(agrees(undefined, undefined))
  t.ok(agrees(null, undefined))
  t.ok(agrees(42, '42'))
  t.ok(agrees(42, '42.0'))
  t.ok(agrees(true, 'true'))
})

t.test('a header disagrees when it is missing, extra, different, in another case or encoded wrongly', async (t) => {
  t.notOk(agrees('us-west1', undefined))
  t.notOk(agrees(undefined, 'us-west1'))
  t.notOk(agrees(null, 'null'))
  t.notOk(agrees('us-west1', 'US-WEST1'))
  t.notOk(agrees('Hello', '=?base64?SGVsbG8?='))
  t.notOk(agrees(42, '43'))
  t.notOk(agrees(16, '0x10'))
  t.notOk(agrees(0, ''))
  t.notOk(agrees(true, 'True'))
})
