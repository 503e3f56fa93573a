/** Any JSON text, not what one serialiser makes of a value: every spelling that RFC 8259 allows, and every size of character. */
import fc from 'fast-check'

const edges = [
  ...['\x7f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\ufdd0', '\ufeff', '\ufffd', '\uffff'],
  ...['\u2028', '\u2029', '\u{10000}', '\u{1f600}', '\u{1fffe}', '\u{10ffff}'],
]
const hex = (code: number, isUpper: boolean): string => {
  const digits = code.toString(16).padStart(4, '0')
  return `\\u${isUpper ? digits.toUpperCase() : digits}`
}

/** One character of a string, or half of one: `\ud800` alone is legal JSON. */
const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...'a0 Z_-:/{}[],.') },
  { weight: 2, arbitrary: fc.constantFrom('\\"', '\\\\', '\\/', '\\b', '\\f', '\\n', '\\r', '\\t') },
  { weight: 1, arbitrary: fc.constantFrom('\\ud800', '\\uDFFF', '\\ud83d\\ude00', '\\u0000', '\\u000a', '\\u2028') },
  { weight: 1, arbitrary: fc.tuple(fc.nat(0xffff), fc.boolean()).map(([code, isUpper]) => hex(code, isUpper)) },
  { weight: 1, arbitrary: fc.constantFrom(...edges) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter(standsRaw) },
)

/** May stand in a string as it is. The slots of a template are control characters, so no string can hold one. */
function standsRaw(char: string): boolean {
  return char >= ' ' && char !== '"' && char !== '\\'
}

/** JSON text of a string. */
export const stringText = (maxLength = 10): fc.Arbitrary<string> =>
  fc.array(character, { maxLength }).map((characters) => `"${characters.join('')}"`)

const digits = fc.stringMatching(/^[0-9]{1,12}$/)
const integer = fc.oneof(
  fc.constant('0'),
  fc.stringMatching(/^[1-9][0-9]{0,9}$/),
  fc.stringMatching(/^[1-9][0-9]{30,80}$/),
)
const fraction = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: digits.map((it) => `.${it}`) },
)
const exponent = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.stringMatching(/^[eE][+-]?[0-9]{1,5}$/) },
)
const sign = fc.constantFrom('', '-')
const number = fc.tuple(sign, integer, fraction, exponent).map((parts) => parts.join(''))

/** JSON text of what may be an id or a token: a string or an integer, of any length. */
export const scalarText = fc.oneof(
  stringText(),
  fc.tuple(sign, integer).map((parts) => parts.join('')),
)

/** White space between tokens, raw line breaks included. */
export const gap = fc.constantFrom('', '', '', ' ', '\t', '\n', '\r', '\r\n', ' \n ')
/** Gaps to be used in turn. */
const gaps = fc.array(gap, { minLength: 1, maxLength: 5 })

export type Member = readonly [key: string, value: string]

/** JSON text of an object from the texts of keys and values, with white space wherever it may be. */
export function objectOf(members: fc.Arbitrary<readonly Member[]>): fc.Arbitrary<string> {
  return fc.tuple(members, gaps).map(([members, gaps]) => {
    let turn = 0
    const next = () => gaps[turn++ % gaps.length] ?? ''
    const texts = members.map(([key, value]) => `${next()}${key}${next()}:${next()}${value}${next()}`)
    return `{${texts.join(',')}${next()}}`
  })
}

/** Few enough keys that they repeat: nothing is decided by these. */
const key = fc.oneof(fc.constantFrom('"a"', '"\\u0061"', '"__proto__"', '""', '"id"', '"method"'), stringText(4))

/** JSON text of any value. */
export const valueText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small', withCrossShrink: true },
    fc.oneof(stringText(), number, fc.constantFrom('null', 'true', 'false', '{}', '[]')),
    objectOf(fc.array(fc.tuple(key, tie('value')), { maxLength: 4 })),
    fc
      .tuple(fc.array(tie('value'), { maxLength: 4 }), gap)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
  ),
})).value

/** The same, now and then far down. `maxDepth`: how many containers may stand around it. */
export const deepValueText = (maxDepth: number): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: valueText },
    {
      weight: 1,
      arbitrary: fc.tuple(valueText, fc.nat(maxDepth), fc.boolean()).map(([value, depth, isArray]) => {
        const [open, close] = isArray ? ['[', ']'] : ['{"d":', '}']
        return open.repeat(depth) + value + close.repeat(depth)
      }),
    },
  )

/** A key of ours, some of its characters written as escapes. */
export function spelled(key: string): fc.Arbitrary<string> {
  const plain = { weight: 5, arbitrary: fc.constant(JSON.stringify(key)) }
  const escaped = fc.array(fc.boolean(), { minLength: key.length, maxLength: key.length }).map((flags) => {
    const characters = [...key].map((char, at) => (flags[at] === true ? hex(char.charCodeAt(0), at % 2 === 0) : char))
    return `"${characters.join('')}"`
  })
  return fc.oneof(plain, { weight: 1, arbitrary: escaped })
}
