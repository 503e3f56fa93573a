import t from 'tap'
import type { AnswerOptions, Reply } from '../../../lib/gateway/model.ts'
import { maxKeptBytes, maxKeptEvents, Replay } from '../../../lib/gateway/replay.ts'
import { ReplayBudget } from '../../../lib/gateway/replay-budget.ts'
import { CallTrack, Track } from '../../../lib/gateway/track.ts'
import { parseMessage } from '../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'
import type { Outgoing } from '../../../lib/upstream/model.ts'
import { ofBytes } from '../../../lib/upstream/outgoing.ts'

/** A connection that writes down what goes over it. */
class Way implements Reply {
  open = true
  readonly said: string[] = []
  readonly ids: string[] = []
  private readonly listeners: (() => void)[] = []

  send({ pieces }: Outgoing, eventId?: string): void {
    this.said.push(Buffer.concat(pieces).toString())
    this.ids.push(eventId ?? 'none')
  }

  prime(eventId: string): void {
    this.said.push('primed')
    this.ids.push(eventId)
  }

  answer({ pieces }: Outgoing, _: AnswerOptions = {}): void {
    this.said.push(`json ${Buffer.concat(pieces)}`)
  }

  accept(): void {}

  end(): void {
    if (this.open) this.said.push('end')
    this.cut()
  }

  cut(): void {
    this.open = false
    for (const listener of this.listeners.splice(0)) listener()
  }

  onClose(listener: () => void): void {
    this.listeners.push(listener)
  }

  onCongestion(): void {}
}

const message = (text: string) => ofBytes(Buffer.from(text))
const request = parseMessage([Buffer.from('{"jsonrpc":"2.0","id":"q","method":"tools/call"}')], scanChunkJs)

function callOf(replay = new Replay<Track>()) {
  const way = new Way()
  return { replay, way, track: new CallTrack(replay, request, way) }
}

function resume(replay: Replay<Track>, id: string | undefined): Way {
  const way = new Way()
  const { track, position } = replay.find(id ?? '')
  track.resume(way, position)
  return way
}

t.test('an answer that comes first stays JSON, and there is nothing to come back to', async (t) => {
  const { way, track } = callOf()
  track.answer(message('a'))
  t.same([way.said, way.ids], [['json a'], []])
})

t.test('each event of a stream has an id of its own, and the answer ends it', async (t) => {
  const { way, track } = callOf()
  track.send(message('1'))
  track.answer(message('a'))
  t.same(way.said, ['1', 'a', 'end'])
  t.equal(new Set(way.ids).size, 2)
})

t.test('a client that comes back gets what it has not, in order, and the answer when it comes', async (t) => {
  const { replay, way, track } = callOf()
  for (const text of ['1', '2', '3']) track.send(message(text))
  way.cut()
  track.send(message('4'))
  const back = resume(replay, way.ids[1])
  t.same(back.said, ['3', '4'])
  track.answer(message('a'))
  t.same(back.said, ['3', '4', 'a', 'end'])
  t.same(resume(replay, back.ids[1]).said, ['a', 'end'], 'also after it is over')
})

t.test('a connection that the gateway still takes for open is ended when its client comes back', async (t) => {
  const { replay, way, track } = callOf()
  track.send(message('1'))
  const back = resume(replay, way.ids[0])
  track.send(message('2'))
  t.same([way.said, back.said], [['1', 'end'], ['2']])
})

t.test('a call that was primed outlives its connection, one whose client knows no id does not', async (t) => {
  const primed = callOf()
  primed.track.prime()
  primed.way.cut()
  t.ok(primed.track.open)
  primed.track.answer(message('a'))
  t.same(resume(primed.replay, primed.way.ids[0]).said, ['a', 'end'])
  const unknown = callOf()
  unknown.way.cut()
  t.notOk(unknown.track.open)
})

t.test('only the stream that an id belongs to is replayed', async (t) => {
  const replay = new Replay<Track>()
  const [one, other] = [callOf(replay), callOf(replay)]
  one.track.send(message('one 1'))
  other.track.send(message('other 1'))
  one.track.send(message('one 2'))
  one.way.cut()
  t.same(resume(replay, one.way.ids[0]).said, ['one 2'])
})

t.test('ids of other sessions, of nobody, of what is over and of the future are refused alike', async (t) => {
  const { replay, way, track } = callOf()
  const foreign = callOf()
  foreign.track.send(message('secret'))
  foreign.track.send(message('secret'))
  track.send(message('1'))
  const [id = ''] = way.ids
  const future = id.replace(/\d+$/, '9')
  for (const wrong of [foreign.way.ids[0], 'x', '', `${id} `, future, id.replace(/\.\d+\./, '.7.'), '__proto__'])
    t.throws(() => replay.find(wrong ?? ''), { code: 'INVALID_REQUEST' }, wrong ?? 'none')
  t.ok(replay.find(id))
  track.answer(message('a'))
  t.throws(() => replay.find(way.ids[1] ?? ''), { code: 'INVALID_REQUEST' }, 'nothing follows an answer')
})

t.test('the oldest events go, and who would miss one of them is told', async (t) => {
  const { replay, way, track } = callOf()
  for (let count = 0; count < maxKeptEvents + 2; count += 1) track.send(message(String(count)))
  t.throws(() => replay.find(way.ids[0] ?? ''), { code: 'INVALID_REQUEST' })
  way.cut()
  t.equal(resume(replay, way.ids[1]).said.length, maxKeptEvents)
})

t.test('kept bytes are bounded over all streams of a session', async (t) => {
  const replay = new Replay<Track>()
  const [one, other] = [callOf(replay), callOf(replay)]
  one.track.send(message('1'))
  one.track.answer(message('x'.repeat(maxKeptBytes / 2)))
  t.ok(replay.find(one.way.ids[0] ?? ''))
  other.track.send(message('y'.repeat(maxKeptBytes / 2 + 1)))
  t.throws(() => replay.find(one.way.ids[0] ?? ''), { code: 'INVALID_REQUEST' })
})

t.test(
  'kept bytes are bounded over all sessions: who was quiet for longest loses events first, and is told',
  async (t) => {
    const budget = new ReplayBudget(3 * (1000 + 256))
    const [quiet, busy, other] = [1, 2, 3].map(() => callOf(new Replay<Track>(budget)))
    const kilobyte = message('x'.repeat(1000))
    if (quiet === undefined || busy === undefined || other === undefined) throw new Error('three were made')
    quiet.track.send(kilobyte)
    busy.track.send(kilobyte)
    quiet.track.send(kilobyte)
    for (const { way } of [quiet, busy]) way.cut()
    other.track.send(kilobyte)
    t.same(resume(busy.replay, busy.way.ids[0]).said, [], 'what it has seen may be gone')
    busy.track.send(kilobyte)
    busy.track.send(kilobyte)
    t.throws(() => quiet.replay.find(quiet.way.ids[0] ?? ''), { code: 'INVALID_REQUEST', message: /can be continued/ })
    t.ok(other.replay.find(other.way.ids[0] ?? ''), 'it has missed nothing')
    t.same(busy.track.open, true)
  },
)

t.test('a session that ends gives its room back, and one event may be too large for all', async (t) => {
  const budget = new ReplayBudget(1256)
  const [first, second] = [new Replay<Track>(budget), new Replay<Track>(budget)]
  const [one, two] = [callOf(first), callOf(second)]
  one.track.send(message('x'.repeat(1000)))
  first.close()
  two.track.send(message('y'.repeat(1000)))
  two.way.cut()
  t.same(resume(second, two.way.ids[0]).said, [])
  two.track.send(message('z'.repeat(1001)))
  t.throws(() => second.find(two.way.ids[0] ?? ''), { code: 'INVALID_REQUEST' })
  one.track.send(message('after the end'))
  t.equal(budget.take(second, 1000), true, 'what ended holds nothing')
})

t.test('an answer too large to be kept is an error for who comes back, and as it is for who stayed', async (t) => {
  const large = message('x'.repeat(maxKeptBytes + 1))
  const [gone, there] = [callOf(), callOf()]
  for (const { track } of [gone, there]) track.send(message('1'))
  gone.way.cut()
  for (const { track } of [gone, there]) track.answer(large)
  t.equal(there.way.said[1]?.length, maxKeptBytes + 1)
  const [answer = ''] = resume(gone.replay, gone.way.ids[0]).said
  t.match(JSON.parse(answer), { id: 'q', error: { code: -31413 } })
})

t.test('a GET stream is closed while nobody listens, and goes on under its id', async (t) => {
  const replay = new Replay<Track>()
  const way = new Way()
  const track = new Track(replay, way)
  let closed = 0
  track.onClose(() => {
    closed += 1
  })
  track.prime()
  track.send(message('1'))
  way.cut()
  t.same([track.open, closed], [false, 1])
  const back = resume(replay, way.ids[0])
  track.send(message('2'))
  t.same([back.said, track.open], [['1', '2'], true])
})

t.test('GET streams that are opened again and again leave nothing behind', async (t) => {
  const replay = new Replay<Track>()
  const ids: string[] = []
  for (let round = 0; round < 3; round += 1) {
    const way = new Way()
    const track = new Track(replay, way)
    replay.listen(track)
    track.prime()
    if (round === 1) track.send(message('kept'))
    way.cut()
    ids.push(way.ids[0] ?? '')
  }
  t.throws(() => replay.find(ids[0] ?? ''), { code: 'INVALID_REQUEST' })
  t.same(resume(replay, ids[1]).said, ['kept', 'end'], 'what is kept can be had, and nothing follows')
  t.ok(replay.find(ids[2] ?? ''))
})
