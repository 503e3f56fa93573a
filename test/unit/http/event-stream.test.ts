/** Streams whose client does not read: what waits for it is bounded, and it is cut off in the end. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { EventStream } from '../../../lib/http/event-stream.ts'
import { KeepAlive } from '../../../lib/http/keep-alive.ts'
import { PostReply } from '../../../lib/http/post-reply.ts'

const MiB = 1024 * 1024
const message = (bytes: number) => ({ pieces: [Buffer.alloc(bytes, 0x20)], hasLineBreaks: false })

/** A response whose client reads nothing until it is told to. */
async function unread(t: Test): Promise<{ response: ServerResponse; client: Socket; keepAlives: KeepAlive }> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.on('error', () => {})
  client.pause()
  client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  const [, response] = (await once(server, 'request')) as [unknown, ServerResponse]
  const keepAlives = new KeepAlive()
  t.teardown(() => {
    keepAlives.stop()
    client.destroy()
    server.close()
  })
  return { response, client, keepAlives }
}

t.test('a client that stands still has a minute, and one that reads on has none to lose', async (t) => {
  const { response, client, keepAlives } = await unread(t)
  const stream = new EventStream(response, keepAlives)
  const told: boolean[] = []
  stream.onCongestion((congested) => void told.push(congested))
  stream.send(message(8 * MiB))
  t.same(told, [true], 'its servers are told to wait')
  t.equal(response.socket?.timeout, 60_000)
  client.resume()
  await once(response, 'drain')
  t.same(told, [true, false])
  t.equal(response.socket?.timeout, 0)
})

t.test('a socket that times out takes its stream along', async (t) => {
  const { response, keepAlives } = await unread(t)
  const stream = new EventStream(response, keepAlives)
  stream.send(message(8 * MiB))
  const closed = new Promise<void>((resolve) => stream.onClose(resolve))
  response.socket?.setTimeout(20)
  await closed
  t.notOk(stream.open)
})

t.test('what waits for a client is 16 MiB at most, whoever goes on sending', async (t) => {
  const { response, keepAlives } = await unread(t)
  const stream = new EventStream(response, keepAlives)
  const closed = new Promise<void>((resolve) => stream.onClose(resolve))
  let sent = 0
  for (; stream.open && sent < 64; sent += 1) stream.send(message(MiB))
  await closed
  t.ok(sent > 16 && sent < 32, `${sent} MiB were taken`)
})

t.test('an answer that is not read can leave, too, and is forgotten with its connection', async (t) => {
  const { response, client, keepAlives } = await unread(t)
  const reply = new PostReply(response, keepAlives)
  const closed = new Promise<void>((resolve) => reply.onClose(resolve))
  reply.answer(message(8 * MiB))
  t.equal(response.socket?.timeout, 60_000)
  client.destroy()
  await closed
  t.notOk(reply.open)
})
