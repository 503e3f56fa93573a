/** A server puts out what it can read, through a destination that it may reach: as much as it may, and in ever new copies. */
import t from 'tap'
import { parseList } from '../../lib/policy/network/list.ts'
import { createContext } from '../../lib/sandbox/context.ts'
import type { Refusal } from '../../lib/sandbox/events/model.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, type Findings } from '../support/attack.ts'
import { egressVocabulary } from '../support/leave.ts'
import { withoutRoute } from '../support/without-route.ts'
import { World } from '../support/world.ts'

withoutRoute(import.meta.filename)

const MiB = 1024 * 1024
/** Beyond the limit nothing but the chunk at which it shows. */
const most = 2 * MiB + 256 * 1024
const list = parseList(['sink.example:7', 'sink.example:80'])
const tries = `
def put(sock, count):
    """So much was taken before it was cut."""
    taken = 0
    try:
        while taken < count: taken += sock.send(b'x' * 65536)
        sock.shutdown(socket.SHUT_WR)
        answer(sock)
    except OSError: pass
    return taken
def connected():
    sock = socket.create_connection(HTTP, 20)
    sock.sendall(b'CONNECT sink.example:7 HTTP/1.1\\r\\n\\r\\n')
    return sock if b' 200 ' in sock.recv(39) else None
def post(count):
    sock = socket.create_connection(HTTP, 20)
    sock.sendall(b'POST http://sink.example/ HTTP/1.1\\r\\nHost: sink.example\\r\\nContent-Length: %d\\r\\n\\r\\n' % count)
    return put(sock, count)
`

/** `limits`: in MiB. */
function watched(world: World, uploadMb: number, downloadMb: number) {
  const context = createContext({ configFile: null, environment: process.env, resolve: world.resolve })
  const events: Refusal[] = []
  const written = (value: number) => ({ value, written: true })
  const traffic = { uploadMb: written(uploadMb), downloadMb: written(downloadMb) }
  const run = (code: string): Promise<Findings> =>
    attack(`${egressVocabulary}${tries}${code}`, {
      network: list,
      traffic,
      context,
      onEvent: (event) => events.push(event),
    })
  const passed = (): number[] => events.flatMap((event) => (event.type === 'sandbox.traffic' ? event.uploadBytes : []))
  const hits = () => events.filter(({ type }) => type === 'sandbox.limit-hit')
  return { run, events, passed, hits }
}

await enforceable(t, 'below its limit all passes, and the sums are told at the end', async (t) => {
  const world = new World(t, { 'sink.example': ['1.1.1.1'] })
  await world.echo('1.1.1.1', 7)
  const { run, events } = watched(world, 2, 2)
  t.match(await run(`tell('put', put(connected(), ${MiB}))`), { put: MiB })
  t.strictSame(events, [
    { type: 'sandbox.traffic', server: 'attack', uploadBytes: MiB, downloadBytes: MiB, connections: 1 },
  ])
})

for (const [way, put] of [
  ['CONNECT', `put(connected(), ${8 * MiB})`],
  ['a plain request', `post(${8 * MiB})`],
  ['a name', `put(socket.create_connection(('sink.example', 7), 20), ${8 * MiB})`],
] as const) {
  await enforceable(t, `by ${way} no more goes out than may, of a copy that comes later nothing`, async (t) => {
    const world = new World(t, { 'sink.example': ['1.1.1.1'] })
    await world.sink('1.1.1.1', 7)
    await world.sink('1.1.1.1', 80)
    const { run, hits, passed } = watched(world, 2, 1000)
    await run(`${put}\ntell('again', connect_to(b'sink.example:7'))`)
    const [first = 0] = passed()
    t.ok(first > MiB && first <= most, `${first} bytes`)
    t.match(hits(), [{ limit: 'max_upload_mb', value: 2, allow: 'a larger max_upload_mb', count: 1 }])

    const later = await run(
      `tell('by proxy', connect_to(b'sink.example:7'))\ntell('straight', straight('sink.example', 7))`,
    )
    t.match(later, { 'by proxy': '503', straight: /^(ECONNRESET|EPIPE|)$/ })
    t.equal(hits().length, 2, 'told by each copy once')
    t.equal(passed().length, 1, 'the later copy was connected to nothing')
  })
}

await enforceable(t, 'in many connections at once it is no more', async (t) => {
  const world = new World(t, { 'sink.example': ['1.1.1.1'] })
  await world.sink('1.1.1.1', 7)
  const { run, passed, hits } = watched(world, 2, 1000)
  await run(`
import threading
socks = [connected() for _ in range(50)]
threads = [threading.Thread(target=put, args=(sock, ${MiB})) for sock in socks]
for each in threads: each.start()
for each in threads: each.join()
tell('ended', True)
`)
  t.ok((passed()[0] ?? 0) <= most, `${passed()} bytes`)
  t.equal(hits().length, 1)
})

await enforceable(t, 'what comes in is limited as well', async (t) => {
  const world = new World(t, { 'sink.example': ['1.1.1.1'] })
  await world.echo('1.1.1.1', 7)
  const { run, events, hits } = watched(world, 1000, 1)
  await run(`
sock = connected()
got = 0
try:
    while got < ${8 * MiB}:
        sock.sendall(b'x' * 65536)
        chunk = sock.recv(65536)
        if not chunk: break
        got += len(chunk)
except OSError: pass
tell('got', got)
`)
  t.match(hits(), [{ limit: 'max_download_mb', value: 1, killed: false }])
  const [passed] = events.flatMap((event) => (event.type === 'sandbox.traffic' ? event.downloadBytes : []))
  t.ok((passed ?? 0) > MiB / 2 && (passed ?? 0) <= MiB + 256 * 1024, `${passed} bytes`)
})
