import { TextDecoder } from 'node:util'
import t from 'tap'
import { frame, scanners, verdict } from './scanners.ts'

const valid = [
  '7f',
  'c280',
  'dfbf',
  'e0a080',
  'ed9fbf',
  'ee8080',
  'efbfbf',
  'f0908080',
  'f48fbfbf',
  'e282acc3a9f09f9880',
]
const invalid = {
  'a continuation byte alone': ['80', 'bf'],
  'an overlong form': ['c080', 'c1bf', 'e08080', 'e09fbf', 'f0808080', 'f08fbfbf'],
  'a surrogate': ['eda080', 'edbfbf'],
  'above U+10FFFF': ['f4908080', 'f5808080', 'ff', 'fe', 'f8888080'],
  'cut short': ['c3', 'e2', 'e282', 'f0', 'f09f', 'f09f98', 'c3c3a9', 'e28241', 'f09f9841'],
}

/** The bytes in a string: as a value and as a key, at the end of the string and with more after it. */
function lines(hex: string): Buffer[] {
  const bytes = Buffer.from(hex, 'hex')
  const parts = (before: string, after: string) => Buffer.concat([Buffer.from(before), bytes, Buffer.from(after)])
  return [
    parts('{"method":"', '"}'),
    parts('{"method":"', ' and more than eight bytes"}'),
    parts('{"method":"a","', '":1}'),
    parts('{"method":"a","params":{"n', '":1}}'),
  ]
}

for (const [name, scan] of scanners) {
  t.test(`${name}: well-formed sequences pass`, async (t) => {
    for (const hex of valid) for (const line of lines(hex)) t.equal(verdict(scan, line), 'notification', hex)
  })

  for (const [what, sequences] of Object.entries(invalid)) {
    t.test(`${name}: ${what} is refused`, async (t) => {
      for (const hex of sequences) for (const line of lines(hex)) t.equal(verdict(scan, line), 'utf8', hex)
    })
  }

  t.test(`${name}: a line that ends inside a sequence is refused`, async (t) => {
    t.equal(verdict(scan, Buffer.from('7b22e282', 'hex')), 'utf8')
  })

  t.test(`${name}: every sequence of two and every lead of three is judged as TextDecoder judges it`, async (t) => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const sequences = everySequence()
    const lines = sequences.map((bytes) => Buffer.concat([Buffer.from('{"method":"'), bytes, Buffer.from('....."}\n')]))
    const { events } = frame(scan, [Buffer.concat(lines)])
    t.equal(events.length, sequences.length)
    const passed = (event: unknown) => (event as { kind?: string }).kind === 'notification'
    const wrong = sequences.filter((bytes, at) => passed(events[at]) !== isUtf8(decoder, bytes))
    t.strictSame(
      wrong.map((bytes) => bytes.toString('hex')),
      [],
    )
  })
}

function everySequence(): Buffer[] {
  const above = Array.from({ length: 0x80 }, (_, low) => 0x80 + low)
  const pairs = above.flatMap((first) => above.map((second) => [first, second]))
  return pairs.flatMap((pair) => [[], [0x80], [0x80, 0xbf]].map((tail) => Buffer.from([...pair, ...tail])))
}

function isUtf8(decoder: TextDecoder, bytes: Buffer): boolean {
  try {
    decoder.decode(bytes)
    return true
  } catch {
    return false
  }
}
