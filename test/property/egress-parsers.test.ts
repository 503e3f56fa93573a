/** What a server sends to its way out is read without an exception, and in one way. */
import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import t from 'tap'
import { readHello } from '../../lib/egress/client-hello.ts'
import { readQuestion, responseCodes, writeAnswer } from '../../lib/egress/dns-message.ts'
import { isListed, parseEntry } from '../../lib/policy/network/entry.ts'
import { parseHost } from '../../lib/policy/network/host-name.ts'

const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array))

/** Mostly well-formed, so that what is behind the first checks is reached. */
const almostHello = fc
  .tuple(fc.uint8Array({ maxLength: 200 }), fc.array(fc.tuple(fc.nat(220), fc.nat(255)), { maxLength: 3 }))
  .map(([extensions, changes]) => {
    const body = [3, 3, ...Array<number>(32).fill(7), 0, 0, 2, 0x13, 1, 1, 0, 0, extensions.length, ...extensions]
    const message = [22, 3, 1, 0, body.length + 4, 1, 0, 0, body.length, ...body]
    for (const [at, value] of changes) message[at % message.length] = value
    return Buffer.from(message)
  })

t.test('a greeting is told from its bytes, and more bytes change nothing that was told', async (t) => {
  fc.assert(
    fc.property(fc.oneof(bytes, almostHello), bytes, (greeting, more) => {
      const told = readHello(greeting)
      if (told.kind === 'incomplete' || told.kind === 'malformed') return
      const later = readHello(Buffer.concat([greeting, more]))
      if (JSON.stringify(later) !== JSON.stringify(told))
        throw new Error(`${JSON.stringify(told)} ${JSON.stringify(later)}`)
    }),
    { numRuns: 5000 },
  )
  t.pass()
})

t.test('a question is read or not, and its answer repeats it', async (t) => {
  const header = fc.constant(Buffer.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
  const message = fc.oneof(
    bytes,
    fc.tuple(header, bytes).map((parts) => Buffer.concat(parts)),
  )
  fc.assert(
    fc.property(message, (asked) => {
      const question = readQuestion(asked)
      if (question === null) return
      const answer = writeAnswer(question, { code: responseCodes.noSuchName, address: null, ttlSeconds: 0 })
      const again = readQuestion(Buffer.concat([answer.subarray(0, 2), Buffer.from([1, 0]), answer.subarray(4)]))
      if (again?.name !== question.name || again.type !== question.type) throw new Error('another question')
    }),
    { numRuns: 5000 },
  )
  t.pass()
})

const letters = fc.string({ unit: fc.constantFrom(...'aZ0.9-_*:[]%@/\\ xé。１\u0000'), maxLength: 20 })

t.test('a host has one spelling, which is its own', async (t) => {
  fc.assert(
    fc.property(fc.oneof(letters, fc.string()), (written) => {
      const host = parseHost(written)
      if (host === null) return
      if (host.kind === 'name' && !/^[a-z0-9_][a-z0-9_.-]*$/.test(host.name)) throw new Error(host.name)
      if (parseHost(host.name)?.name !== host.name) throw new Error(`${written}: ${host.name}`)
    }),
    { numRuns: 20_000 },
  )
  t.pass()
})

t.test('a line opens the host that it names, and a wildcard never its own', async (t) => {
  const name = fc.domain().filter((each) => parseHost(each)?.kind === 'name')
  fc.assert(
    fc.property(name, name, fc.integer({ min: 1, max: 65_535 }), (host, other, port) => {
      const [asked, another] = [parseHost(host), parseHost(other)]
      const [line, wild] = [parseEntry(`${host}:${port}`), parseEntry(`*.${host}:${port}`)]
      if (asked === null || another === null || typeof line === 'string') throw new Error(host)
      const opens = (entry: typeof line, to: typeof asked): boolean =>
        isListed({ kind: 'list', entries: [entry] }, to, port)
      if (!opens(line, asked) || (asked.name !== another.name && opens(line, another)))
        throw new Error(`${host} ${other}`)
      if (typeof wild !== 'string' && opens(wild, asked)) throw new Error(`*.${host}`)
    }),
  )
  t.pass()
})
