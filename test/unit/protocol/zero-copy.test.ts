import t from 'tap'
import { splice, toLine } from '../../../lib/protocol/message.ts'
import { alone, bytesOf, frame, scanners } from './scanners.ts'

for (const [name, scan] of scanners) {
  t.test(`${name}: the pieces of a message are the memory of the chunks`, async (t) => {
    const chunks = ['{"id":1,"resu', 'lt":"abc', 'def"}\n{"id":2,"result":0}\n'].map((text) => alone(text))
    const { messages } = frame(scan, chunks)
    const [first, second] = messages
    t.strictSame(
      first?.pieces.map((piece) => piece.buffer),
      chunks.map((chunk) => chunk.buffer),
    )
    t.equal(second?.pieces.length, 1)
    chunks[1]!.write('XYZ', 5)
    t.equal(bytesOf(first!), '{"id":1,"result":"XYZdef"}', 'a byte written to the chunk is seen in the message')
  })

  t.test(`${name}: 16 MiB in chunks of 64 KiB are copied nowhere between read and write`, async (t) => {
    const slab = Buffer.alloc(16 * 1024 * 1024 + 64, 'x')
    slab.write('{"id":12,"result":"')
    slab.write('"}\n', slab.length - 3)
    const apart = Array.from({ length: Math.ceil(slab.length / 65_536) }, (_, index) =>
      alone(slab.subarray(index * 65_536, (index + 1) * 65_536)),
    )
    for (const chunks of [
      apart,
      apart.map((chunk, index) => slab.subarray(index * 65_536, index * 65_536 + chunk.length)),
    ]) {
      const [message] = frame(scan, chunks, slab.length).messages
      t.equal(message?.byteLength, slab.length - 1)
      const written = toLine(splice(message!, [{ span: message!.span('id')!, bytes: '"new"' }]), message!.hasLineBreaks)
      const memory = new Set<unknown>(chunks.map((chunk) => chunk.buffer))
      const fresh = written.filter((piece) => !memory.has(piece.buffer))
      t.strictSame(fresh.map(String), ['"new"', '\n'], 'only what was put in is not a view')
      t.equal(
        written.reduce((sum, piece) => sum + piece.length, 0),
        slab.length + 3,
      )
    }
  })

  t.test(`${name}: chunks that lie side by side make one piece`, async (t) => {
    const slab = Buffer.from('{"id":1,"result":"abc"}\n')
    const chunks = Array.from({ length: slab.length }, (_, at) => slab.subarray(at, at + 1))
    const [message] = frame(scan, chunks).messages
    t.equal(message?.pieces.length, 1)
    t.equal(message?.pieces[0]?.buffer, slab.buffer)
  })

  t.test(
    `${name}: only a sender of crumbs has them joined, so that they do not cost more than they hold`,
    async (t) => {
      const text = `{"id":1,"result":"${'x'.repeat(100_000)}"}`
      const chunks = Array.from(Buffer.from(`${text}\n`), (byte) => alone(Uint8Array.of(byte)))
      const [message] = frame(scan, chunks).messages
      t.equal(bytesOf(message!), text)
      t.ok(message!.pieces.length < 200, `${message!.pieces.length} pieces`)
    },
  )
}
