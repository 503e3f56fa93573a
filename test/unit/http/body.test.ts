/** What a body costs is bounded by its bytes, not by the pieces that its sender cuts it into. */
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { BodyReader } from '../../../lib/http/body.ts'
import { readWhole } from '../../../lib/upstream/http/bodies.ts'

const length = 20_000

/** A body of single bytes, each in a buffer of its own. */
function crumbs(): PassThrough {
  const stream = new PassThrough({ highWaterMark: length })
  for (let count = 0; count < length; count += 1) stream.write(Buffer.from('a'))
  stream.end()
  return stream
}

for (const [whose, read] of [
  ['a client', (body: PassThrough) => new BodyReader(length, length).read(body as unknown as IncomingMessage)],
  ['a server', (body: PassThrough) => readWhole(body, length)],
] as const) {
  t.test(`single bytes of ${whose} are joined`, async (t) => {
    const pieces = await read(Object.assign(crumbs(), { headers: {} }))
    t.equal(Buffer.concat([...pieces]).toString(), 'a'.repeat(length))
    t.ok(pieces.length < length / 50, `${pieces.length} pieces`)
  })
}
