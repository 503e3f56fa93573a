import fc from 'fast-check'

const decisive = [
  ...[
    'id',
    'method',
    'params',
    'result',
    'error',
    'name',
    'uri',
    'requestId',
    'progressToken',
    'protocolVersion',
    '_meta',
  ],
  ...[
    'io.modelcontextprotocol/protocolVersion',
    'io.modelcontextprotocol/subscriptionId',
    'ID',
    'Name',
    '_META',
    'i',
    'idx',
  ],
]

const space = fc.constantFrom('', '', '', ' ', '\t', '\r', ' \r ', '  ')

/** JSON text of any string, some characters escaped although they need not be. */
const stringText = (value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(value, fc.nat()).map(([text, seed]) => escapeSome(JSON.stringify(text), seed))

const scalarText = fc.oneof(
  fc.integer().map(String),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom('0', '-0', '1.0', '1e2', '2E-7', '1.25e+3', 'true', 'false', 'null', '""'),
  stringText(fc.string({ unit: 'binary', maxLength: 12 })),
  stringText(fc.string({ maxLength: 40 })),
)

/** JSON text of any value, with the decisive keys where they may and where they do not matter. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small', withCrossShrink: true },
    scalarText,
    objectText(tie('value')),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
  ),
})).value

/** JSON text that has the outline of a JSON-RPC message more often than chance would give. */
export const messageText: fc.Arbitrary<string> = fc.oneof(
  jsonText,
  objectText(jsonText),
  fc
    .record({
      id: fc.option(fc.oneof(fc.nat().map(String), stringText(fc.string({ maxLength: 5 }))), { nil: undefined }),
      method: fc.option(stringText(fc.constantFrom('ping', 'tools/call', 'notifications/progress')), {
        nil: undefined,
      }),
      params: fc.option(objectText(fc.oneof(jsonText, objectText(jsonText))), { nil: undefined }),
      result: fc.option(jsonText, { nil: undefined, freq: 2 }),
      extra: fc.option(jsonText, { nil: undefined }),
    })
    .chain((message) => membersText(Object.entries(message).filter((entry): entry is [string, string] => !!entry[1]))),
)

/** Bytes that somebody changed: what a scanner must survive, not only what it must accept. */
export function mutated(bytes: Buffer, edits: readonly (readonly [number, number, number])[]): Buffer {
  return edits.reduce((changed, [place, kind, byte]) => {
    const at = changed.length === 0 ? 0 : place % changed.length
    const kept = kind === 0 ? at : at + 1
    const put = kind === 2 ? [] : [byte]
    return Buffer.concat([changed.subarray(0, at), Buffer.from(put), changed.subarray(kept)])
  }, bytes)
}

const trickyByte = fc.constantFrom(
  ...Buffer.from('"\\{}[]:,\n\r\t 019-+.eEtfnulidN\0\x1f\x7f\x80\xbf\xc3\xe2\xed\xf0\xf4\xff', 'latin1'),
)

/** Place, kind (insert, replace, delete) and byte of up to four changes; often none. */
export const edits = fc.oneof(
  fc.constant([]),
  fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.oneof(trickyByte, fc.nat(255))), { minLength: 1, maxLength: 4 }),
)

/** Sizes of chunks, used in turn. */
export const chunkSizes = fc.array(
  fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 200 })),
  {
    minLength: 1,
    maxLength: 6,
  },
)

function objectText(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const key = fc.oneof(fc.constantFrom(...decisive), fc.string({ maxLength: 6 }))
  return fc.array(fc.tuple(key, value), { maxLength: 6 }).chain(membersText)
}

function membersText(members: readonly (readonly [string, string])[]): fc.Arbitrary<string> {
  const some = fc.tuple(fc.shuffledSubarray([...members], { minLength: members.length }), space, fc.nat())
  return some.map(([shuffled, gap, seed]) => {
    const texts = shuffled.map(([key, value]) => `${escapeSome(JSON.stringify(key), seed)}${gap}:${gap}${value}`)
    return `{${gap}${texts.join(`${gap},`)}${gap}}`
  })
}

/** One character in four of a seed's choosing is written as \uXXXX; in one text of three. */
function escapeSome(text: string, seed: number): string {
  if (seed % 3 !== 0) return text
  return text.replace(/(?<=^.*)[A-Za-z/_](?=.*")/g, (letter, at: number, whole: string) => {
    const isPlain = (seed + at) % 4 === 0 && !/\\[^\\]{0,5}$/.test(whole.slice(0, at))
    return isPlain ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter
  })
}
