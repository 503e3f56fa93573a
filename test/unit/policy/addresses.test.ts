import t from 'tap'
import { type AddressKind, isLoopbackHost, kindOfAddress } from '../../../lib/policy/addresses.ts'

const kinds: Record<AddressKind, readonly string[]> = {
  public: [
    '1.1.1.1',
    '8.8.8.8',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
    '128.0.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
    '192.169.0.0',
    '198.17.255.255',
    '198.20.0.0',
    '223.255.255.255',
    '2606:4700:4700::1111',
    '2a00:1450:4001:82a::200e',
    '2000::',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '64:ff9b::8.8.8.8',
  ],
  private: [
    '10.0.0.0',
    '10.255.255.255',
    '172.16.0.0',
    '172.31.255.255',
    '192.168.0.0',
    '192.168.255.255',
    '100.64.0.0',
    '100.127.255.255',
    'fc00::',
    'fdff:ffff::1',
    'fec0::1',
    '64:ff9b:1::1',
    '::ffff:10.0.0.1',
    '::ffff:a00:1',
    '::FFFF:C0A8:1',
    '0:0:0:0:0:ffff:10.0.0.1',
    '64:ff9b::10.0.0.1',
    '64:ff9b::a00:1',
    '::ffff:0:10.0.0.1',
  ],
  loopback: [
    '127.0.0.1',
    '127.255.255.255',
    '::1',
    '0:0:0:0:0:0:0:1',
    '0000:0000::0001',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
  ],
  'link-local': ['169.254.0.0', '169.254.255.255', 'fe80::1', 'febf:ffff::', '::ffff:169.254.1.1'],
  metadata: [
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    'fd00:ec2::254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
  ],
  multicast: ['224.0.0.0', '239.255.255.255', 'ff02::1', 'ffff::', '::ffff:224.0.0.1'],
  unspecified: ['0.0.0.0', '0.255.255.255', '::', '0::0', '::ffff:0.0.0.0'],
  reserved: [
    '192.0.0.0',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.0',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '240.0.0.0',
    '255.255.255.255',
    '::2',
    '::8.8.8.8',
    '::127.0.0.1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    '3fff::1',
    '4000::',
    '5f00::1',
    '64:ff9b:2::1',
  ],
}

for (const [kind, addresses] of Object.entries(kinds)) {
  t.test(`what is ${kind} is known as such, in every spelling`, async (t) => {
    for (const address of addresses) t.equal(kindOfAddress(address), kind, address)
  })
}

t.test('what is no address, or is read differently by different readers, is none', async (t) => {
  const texts = [
    '',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '0177.0.0.1',
    '127.00.0.1',
    '0x7f.1',
    '2130706433',
    ' 1.1.1.1',
    '1.1.1.1 ',
    '1.1.1.1\n',
    '-1.1.1.1',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1::2::3',
    ':::',
    ':1',
    '1:',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::1%lo',
    '[::1]',
    '::ffff:127.0.0.01',
    '::127.0.0.1.1',
    '1.2.3.4::',
    '1:2:3:4:5:6:7::8',
  ]
  for (const text of texts) t.equal(kindOfAddress(text), null, text)
})

t.test('a host is this machine by its spelling alone', async (t) => {
  for (const host of [
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '[::1]',
  ]) {
    t.equal(isLoopbackHost(host), true, host)
  }
  for (const host of ['localhost.example.com', 'xlocalhost', '10.0.0.1', '0.0.0.0', '::', '[::]', 'example.com', '']) {
    t.equal(isLoopbackHost(host), false, host)
  }
})
