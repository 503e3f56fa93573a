import t from 'tap'
import { scanners, verdict } from './scanners.ts'

const result = (value: string) => `{"id":1,"result":${value}}`

const valid = [
  ...['0', '-0', '7', '-12', '1.5', '0.25', '1e2', '1E+2', '1.5e-3', '-0.0e0', '123456789012345678901234567890'],
  ...['true', 'false', 'null', '""', '"a"', '[]', '{}', '[[]]', '{"a":{}}', '[1,"b",null]', '{"":0,"a":[{}]}'],
  ...[
    '"\\" \\\\ \\/ \\b \\f \\n \\r \\t"',
    '"\\u0041\\ud83d\\ude00\\uD800"',
    '"\u007f"',
    '" \u00e9 \u20ac \u{1f600} "',
  ],
  ...[' [ 1 , 2 ] ', '\t{ "a" :\r1 }\t', '{"a":1,"a":2}'],
]

const invalid = [
  ...[
    '',
    '01',
    '-',
    '+1',
    '.5',
    '1.',
    '1.e1',
    '1e',
    '1e+',
    '-a',
    '1_000',
    '0x1',
    'NaN',
    'Infinity',
    '1 2',
    '--1',
    '1.2.3',
  ],
  ...['tru', 'truee', 'True', 'nul', 'nulll', 'undefined', "'a'", '"a', '"\\x"', '"\\u12"', '"\\u12g4"', '"\\"'],
  ...['"a\tb"', '"\u0000"', '"\u001f"', '[', ']', '[1', '[1,]', '[,1]', '[1 2]', '[1}', '{', '{]', '{"a"}', '{"a":}'],
  ...[
    '{"a":1,}',
    '{,"a":1}',
    '{a:1}',
    '{1:1}',
    '{"a" 1}',
    '{"a":1 "b":2}',
    '{"a":1]',
    '1,',
    '/**/1',
    '\u00a01',
    '\ufeff1',
  ],
]

for (const [name, scan] of scanners) {
  t.test(`${name}: values of RFC 8259 pass`, async (t) => {
    for (const value of valid) t.equal(verdict(scan, result(value)), 'response', value)
  })

  t.test(`${name}: anything else is a syntax error`, async (t) => {
    for (const value of invalid) t.equal(verdict(scan, result(value)), 'syntax', value)
  })

  t.test(`${name}: one value a line, and nothing after it`, async (t) => {
    t.equal(verdict(scan, `${result('1')} \t\r`), 'response')
    for (const tail of ['x', '{}', ',', '}', ']', '"', '\u0000'])
      t.equal(verdict(scan, result('1') + tail), 'syntax', tail)
    t.equal(verdict(scan, '\ufeff{"method":"a"}'), 'syntax', 'a byte order mark')
  })

  t.test(`${name}: 1024 levels pass, one more is too deep`, async (t) => {
    const nested = (levels: number) => `{"id":1,"result":${'[{"a":'.repeat(levels / 2)}0${'}]'.repeat(levels / 2)}}`
    t.equal(verdict(scan, nested(1022)), 'response')
    t.equal(verdict(scan, `[${'['.repeat(1023)}${']'.repeat(1023)}]`), 'batch')
    t.equal(verdict(scan, nested(1024)), 'depth')
    t.equal(verdict(scan, '['.repeat(1025)), 'depth')
    t.equal(verdict(scan, '['.repeat(1024)), 'syntax')
  })

  t.test(`${name}: a closing bracket must fit the one that opened, at every level`, async (t) => {
    for (const levels of [1, 31, 32, 33, 64]) {
      const open = '{"a":['.repeat(levels)
      t.equal(verdict(scan, result(`${open}${']}'.repeat(levels)}`)), 'response')
      t.equal(verdict(scan, result(`${open}${']}'.repeat(levels - 1)}}]`)), 'syntax')
    }
  })
}
