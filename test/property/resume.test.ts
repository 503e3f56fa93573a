/** Clients that lose their connections at any time and come back get every event of every stream once, in order. */
import fc from 'fast-check'
import t from 'tap'
import type { Reply } from '../../lib/gateway/model.ts'
import { Replay } from '../../lib/gateway/replay.ts'
import { CallTrack, type Track } from '../../lib/gateway/track.ts'
import { parseMessage } from '../../lib/protocol/message.ts'
import { scanChunkJs } from '../../lib/protocol/scan.ts'
import { ofBytes } from '../../lib/upstream/outgoing.ts'

const request = parseMessage([Buffer.from('{"jsonrpc":"2.0","id":1,"method":"tools/call"}')], scanChunkJs)

/** One client's view of one call. What was on its way when a connection broke may or may not have arrived. */
class Call {
  readonly sent: string[] = []
  readonly had: string[] = []
  readonly track: CallTrack
  isAnswered = false
  private readonly replay: Replay<Track>
  private lastId: string | null = null
  private way: ReturnType<typeof wayOf>

  constructor(replay: Replay<Track>) {
    this.replay = replay
    this.way = wayOf()
    this.track = new CallTrack(replay, request, this.way)
    this.track.prime()
  }

  event(text: string, isLast: boolean): void {
    if (this.isAnswered) return
    this.sent.push(text)
    this.isAnswered = isLast
    if (isLast) this.track.answer(ofBytes(Buffer.from(text)))
    else this.track.send(ofBytes(Buffer.from(text)))
  }

  /** Everything after `arriving` events that were not read yet is lost with the connection. */
  cut(arriving: number): void {
    this.read(arriving)
    this.way.cut()
  }

  comeBack(): void {
    this.way.cut()
    if (this.isAnswered && this.had.length === this.sent.length) return
    const { track, position } = this.replay.find(this.lastId ?? '')
    this.way = wayOf()
    track.resume(this.way, position)
  }

  read(count = Number.POSITIVE_INFINITY): void {
    for (const { text, id } of this.way.unread.splice(0, count)) {
      if (text !== null) this.had.push(text)
      this.lastId = id
    }
    this.way.unread.length = 0
  }
}

function wayOf(): Reply & { unread: { text: string | null; id: string }[]; cut(): void } {
  const unread: { text: string | null; id: string }[] = []
  const way = {
    open: true,
    unread,
    send: ({ pieces }: { pieces: readonly Buffer[] }, id = '') => {
      unread.push({ text: Buffer.concat(pieces).toString(), id })
    },
    prime: (id: string) => void unread.push({ text: null, id }),
    answer: () => {},
    accept: () => {},
    end: () => {},
    cut: () => {
      way.open = false
    },
    onClose: () => {},
    onCongestion: () => {},
  }
  return way
}

const steps = fc.array(
  fc.record({
    call: fc.nat(2),
    what: fc.constantFrom('event', 'event', 'event', 'answer', 'cut', 'back'),
    arriving: fc.nat(3),
  }),
  { maxLength: 80 },
)

t.test('nothing is lost, doubled or swapped, whatever breaks when', async (t) => {
  fc.assert(
    fc.property(steps, (steps) => {
      const replay = new Replay<Track>()
      const calls = [new Call(replay), new Call(replay), new Call(replay)]
      // The first event is an id alone; without it nobody could come back.
      for (const call of calls) call.read()
      for (const [at, { call: index, what, arriving }] of steps.entries()) {
        const call = calls[index]
        if (what === 'event' || what === 'answer') call?.event(`${index}:${at}`, what === 'answer')
        else if (what === 'cut') call?.cut(arriving)
        else call?.comeBack()
      }
      for (const call of calls) {
        call.cut(0)
        call.comeBack()
        call.read()
        if (call.had.join() !== call.sent.join()) throw new Error(`sent ${call.sent}, had ${call.had}`)
      }
    }),
    { numRuns: 300 },
  )
  t.pass()
})
