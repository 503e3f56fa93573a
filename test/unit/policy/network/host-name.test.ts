import t from 'tap'
import { parseHost } from '../../../../lib/policy/network/host-name.ts'

/** 253 characters. */
const longest = `${`${'a'.repeat(63)}.`.repeat(3)}${'a'.repeat(61)}`

const names: Record<string, string> = {
  'example.org': 'example.org',
  'EXAMPLE.org': 'example.org',
  'example.org.': 'example.org',
  'bücher.example': 'xn--bcher-kva.example',
  'ｅxample。org': 'example.org',
  '_dmarc.example.org': '_dmarc.example.org',
  localhost: 'localhost',
  'straße.example': 'xn--strae-oqa.example',
  'exam\u00adple.org': 'example.org',
  'a．b｡example': 'a.b.example',
  '\u212a.example': 'k.example',
  'ⓛocalhost': 'localhost',
  '①.example': '1.example',
  [`${'a'.repeat(63)}.org`]: `${'a'.repeat(63)}.org`,
  [longest]: longest,
}

for (const [written, name] of Object.entries(names)) {
  t.test(`${written.slice(0, 40)} is the name ${name.slice(0, 40)}`, async (t) => {
    t.strictSame(parseHost(written), { kind: 'name', name })
  })
}

for (const address of ['1.1.1.1', '10.0.0.1', '2606:4700::1111', '::ffff:1.1.1.1']) {
  t.test(`${address} is an address, in brackets too when it has colons`, async (t) => {
    t.strictSame(parseHost(address), { kind: 'address', name: address })
    if (address.includes(':')) t.strictSame(parseHost(`[${address}]`), { kind: 'address', name: address })
  })
}

/** Of addresses: what one reader takes for a name, another takes for 127.0.0.1. */
const spellings = [
  ...[
    '2130706433',
    '0x7f000001',
    '017700000001',
    '127.1',
    '127.0.1',
    '0x7f.1',
    '0177.0.0.1',
    '127.0.0.01',
    '1.2.3.4.5',
  ],
  ...[
    '127.0.0.1.',
    '256.1.1.1',
    '１２７.0.0.1',
    '0x',
    'foo.1',
    'foo.0x1',
    '[127.0.0.1',
    '::1%lo',
    '[::1%25lo]',
    '1.1.1.1:80',
  ],
]
/** Of names: what is taken off, decoded or cut by one reader and not by another. */
const oddities = [
  ...[
    '',
    '.',
    '..',
    'a..b',
    '.example.org',
    'example.org..',
    '-a.example',
    'a-.example',
    'user@example.org',
    'example.org/x',
  ],
  ...[
    'exa mple.org',
    'example.org\r\nHost: x',
    'example.org\0',
    'example.org#',
    'example.org?',
    'a%2eb',
    'a\\b',
    '*.example.org',
  ],
  ...[
    'a\u200db.example',
    'a\u200cb.example',
    '\u202eexample.org',
    '＊.example.org',
    '127．0．0．1',
    '０x7f.1',
    'a.１',
    '℀.example',
  ],
  ...['xn--zz--.example', 'xn--a.example', 'xn--.example', `${longest}a`],
  ...['[example.org]', `${'a'.repeat(64)}.org`, `${'a.'.repeat(127)}org`, 'xn--zz.org\u0000', 'a:80'],
]

for (const written of [...spellings, ...oddities]) {
  t.test(`${JSON.stringify(written.slice(0, 40))} is no host that anybody should look up`, async (t) => {
    t.equal(parseHost(written), null)
  })
}
