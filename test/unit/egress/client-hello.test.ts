import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { connect } from 'node:tls'
import t from 'tap'
import { readHello } from '../../../lib/egress/client-hello.ts'

/** What Node's own TLS says first. */
async function helloOf(servername: string): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const client = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false })
  client.on('error', () => {})
  const [socket] = (await once(server, 'connection')) as [Socket]
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  client.destroy()
  server.close()
  return chunk
}

/** The same handshake, cut into records of so many bytes. */
function inRecords(hello: Buffer, size: number): Buffer {
  const body = hello.subarray(5)
  const records: Buffer[] = []
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size)
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 0xff]), part)
  }
  return Buffer.concat(records)
}

const hello = await helloOf('api.example.org')
const without = await helloOf('')

t.test('the server name is found, whole or in many records', async (t) => {
  for (const bytes of [hello, inRecords(hello, 4), inRecords(hello, 100)]) {
    t.strictSame(readHello(bytes), { kind: 'tls', serverName: 'api.example.org' })
  }
  t.strictSame(readHello(without), { kind: 'tls', serverName: null })
})

t.test('every beginning of it asks for more', async (t) => {
  for (const bytes of [hello, inRecords(hello, 7)]) {
    for (let length = 0; length < bytes.length; length++) {
      const told = readHello(bytes.subarray(0, length))
      if (told.kind !== 'incomplete') t.fail(`${told.kind} after ${length} bytes`)
      else if (told.needs <= length || told.needs > bytes.length) t.fail(`${told.needs} needed after ${length} bytes`)
    }
  }
})

t.test('what is not TLS is something else', async (t) => {
  for (const text of ['GET / HTTP/1.1\r\n', 'SSH-2.0-x', '\x16\x02\x00']) {
    t.strictSame(readHello(Buffer.from(text, 'latin1')), { kind: 'other' })
  }
})

function changed(at: number, value: number): Buffer {
  const copy = Buffer.from(hello)
  copy[at] = value
  return copy
}

function withName(list: readonly number[]): Buffer {
  const extension = [0, 0, ...two(list.length), ...list]
  return built([...extension])
}

function built(extensions: readonly number[]): Buffer {
  const body = [3, 3, ...Array<number>(32).fill(7), 0, 0, 2, 0x13, 1, 1, 0, ...two(extensions.length), ...extensions]
  const message = [1, 0, ...two(body.length), ...body]
  return Buffer.from([22, 3, 1, ...two(message.length), ...message])
}

function two(value: number): number[] {
  return [value >> 8, value & 0xff]
}

const name = [...Buffer.from('a.example')]
const entry = [0, ...two(name.length), ...name]

t.test('one that could be read in two ways is malformed', async (t) => {
  t.match(readHello(withName([...two(entry.length), ...entry])), { kind: 'tls', serverName: 'a.example' })
  const odd = {
    'two names': withName([...two(2 * entry.length), ...entry, ...entry]),
    'more after the name': withName([...two(entry.length), ...entry, 0]),
    'a name of another kind': withName([...two(entry.length), 1, ...entry.slice(1)]),
    'a list that is longer than it says': withName([...two(entry.length + 9), ...entry]),
    'two lists': built([
      ...[0, 0, ...two(entry.length + 2), ...two(entry.length), ...entry],
      ...[0, 0, ...two(entry.length + 2), ...two(entry.length), ...entry],
    ]),
    'another message': changed(5, 2),
    'ever more records': inRecords(
      Buffer.concat([hello.subarray(0, 5), Buffer.from([1, 0, 16, 0]), Buffer.alloc(300)]),
      1,
    ),
    'an empty record': Buffer.from([22, 3, 1, 0, 0]),
    'a message of 16 MB': changed(6, 255),
    'a record of another kind in between': Buffer.concat([
      inRecords(hello, 50).subarray(0, 55),
      Buffer.from([23, 3, 1, 0, 1, 0]),
    ]),
  }
  for (const [what, bytes] of Object.entries(odd)) t.strictSame(readHello(bytes), { kind: 'malformed' }, what)
})

t.test('one that comes byte by byte in the smallest records costs next to nothing', async (t) => {
  const whole = inRecords(Buffer.concat([hello.subarray(0, 5), Buffer.from([1, 0, 32, 0]), Buffer.alloc(2700)]), 1)
  let [needs, reads] = [0, 0]
  const begunAt = performance.now()
  for (let length = 1; length <= whole.length; length++) {
    if (length < needs) continue
    const told = readHello(whole.subarray(0, length))
    reads++
    if (told.kind !== 'incomplete') break
    needs = told.needs
  }
  t.ok(reads <= 2 * 256 + 3, `${reads} times`)
  t.ok(performance.now() - begunAt < 1000)
})
