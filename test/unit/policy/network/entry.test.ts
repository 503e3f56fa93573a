import t from 'tap'
import { entryInWords, isListed, isNameListed, mayDial } from '../../../../lib/policy/network/entry.ts'
import { parseHost } from '../../../../lib/policy/network/host-name.ts'
import { parseLine, parseList, portsOf } from '../../../../lib/policy/network/list.ts'

function allows(lines: readonly string[], host: string, port: number): boolean {
  const parsed = parseHost(host)
  return parsed !== null && isListed(parseList(lines), parsed, port)
}

const right: Record<string, string> = {
  'api.example.org:443': 'api.example.org:443',
  'API.Example.org.:443': 'api.example.org:443',
  '*.example.org:443': '*.example.org:443',
  '10.1.2.3:5432': '10.1.2.3:5432',
  '10.1.0.0/16:5432': '10.1.0.0/16:5432',
  '[fd00::1]:443': '[fd00::1]:443',
  '[fd00::/64]:443': '[fd00::/64]:443',
  '127.0.0.1:5432': '127.0.0.1:5432',
}

for (const [line, words] of Object.entries(right)) {
  t.test(`${line} is an entry, as ${words}`, async (t) => {
    const parsed = parseLine(line)
    t.strictSame(typeof parsed === 'string' ? parsed : parsed.map(entryInWords), [words])
  })
}

const wrong: Record<string, RegExp> = {
  'example.org': /HOST:PORT.*or one of github, npm, pypi/,
  'example.org:0': /HOST:PORT/,
  'example.org:65536': /HOST:PORT/,
  'example.org:https': /HOST:PORT/,
  ':443': /HOST:PORT/,
  '*:443': /whole labels/,
  '*.org:443': /two labels/,
  'api*.example.org:443': /whole labels/,
  '*.10.0.0.1:443': /two labels/,
  'exa mple.org:443': /name of a host/,
  '0x7f000001:80': /name of a host/,
  '2130706433:80': /name of a host/,
  '169.254.169.254:80': /no metadata address/,
  '[fe80::1]:80': /no link-local address/,
  '224.0.0.1:80': /no multicast address/,
  '0.0.0.0:80': /no unspecified address/,
  '10.0.0.0/4:80': /range of 8 to 32/,
  '10.0.0.0/33:80': /range of 8 to 32/,
  '10.0.0.0/x:80': /range of 8 to 32/,
  'example.org/8:80': /an address, or a range/,
}

for (const [line, expected] of Object.entries(wrong)) {
  t.test(`${line} is none`, async (t) => t.match(parseLine(line), expected))
}

t.test('a name is its own, in any spelling, on its own port', async (t) => {
  for (const host of ['example.org', 'EXAMPLE.ORG', 'example.org.']) t.ok(allows(['example.org:443'], host, 443), host)
  for (const host of ['www.example.org', 'example.com', 'notexample.org'])
    t.notOk(allows(['example.org:443'], host, 443), host)
  t.notOk(allows(['example.org:443'], 'example.org', 80))
})

t.test('a wildcard stands for whole labels, one at least', async (t) => {
  for (const host of ['a.example.org', 'a.b.example.org']) t.ok(allows(['*.example.org:443'], host, 443), host)
  for (const host of ['example.org', 'aexample.org', 'example.org.evil.com'])
    t.notOk(allows(['*.example.org:443'], host, 443), host)
})

t.test('a line and a host are compared in one spelling, whoever wrote them', async (t) => {
  const lines = ['*.BÜCHER.example:443', '*.wild。example.:443']
  for (const host of ['a.xn--bcher-kva.example', 'A.bücher.EXAMPLE.', 'a_b.wild.example', '_x.a.wild。example']) {
    t.ok(allows(lines, host, 443), host)
  }
  for (const host of [
    'bücher.example',
    'a.bucher.example',
    'wild.example',
    'awild.example',
    '＊.wild.example',
    '*.wild.example',
  ]) {
    t.notOk(allows(lines, host, 443), host)
  }
})

t.test('an address is on the list where it is written, and by no other name', async (t) => {
  t.ok(allows(['10.1.2.3:80'], '10.1.2.3', 80))
  for (const host of ['10.1.2.4', '167838211', '::ffff:10.1.2.3']) t.notOk(allows(['10.1.2.3:80'], host, 80), host)
  t.ok(allows(['10.1.0.0/16:80'], '10.1.255.255', 80))
  t.notOk(allows(['10.1.0.0/16:80'], '10.2.0.0', 80))
  t.notOk(allows(['example.org:80'], '1.1.1.1', 80))
})

t.test('a listed name may be at a public address, and at another one that is listed with its port', async (t) => {
  const policy = parseList(['db.example:5432', '10.1.0.0/16:5432'])
  t.ok(mayDial(policy, '1.1.1.1', 5432))
  t.ok(mayDial(policy, '10.1.2.3', 5432))
  for (const address of ['10.2.0.1', '127.0.0.1', '169.254.169.254', '::ffff:10.2.0.1', 'fe80::1', '0.0.0.0']) {
    t.notOk(mayDial(policy, address, 5432), address)
  }
  t.notOk(mayDial(policy, '10.1.2.3', 80))
})

t.test('a range opens nothing that no line can open', async (t) => {
  t.notOk(mayDial(parseList(['169.0.0.0/8:80']), '169.254.169.254', 80))
})

t.test('network = true: whatever is public, and nothing else', async (t) => {
  const all = { kind: 'public' } as const
  t.ok(isListed(all, { kind: 'name', name: 'any.example' }, 8443) && isNameListed(all, 'any.example'))
  t.ok(mayDial(all, '1.1.1.1', 25))
  for (const address of [
    '10.0.0.1',
    '127.0.0.1',
    '::1',
    '169.254.169.254',
    '192.168.1.1',
    '100.100.100.200',
    '64:ff9b::a00:1',
  ]) {
    t.notOk(mayDial(all, address, 80), address)
  }
})

t.test('presets are lines of their own files, and no line names what every object has', async (t) => {
  t.strictSame(parseList(['npm', 'npm', 'registry.npmjs.org:443']), parseList(['npm']))
  t.match(parseLine('constructor'), /HOST:PORT/)
  t.equal(portsOf(['github', 'pypi', 'a.example:80', 'nonsense']), 2)
})
