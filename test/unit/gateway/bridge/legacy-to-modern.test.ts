import t from 'tap'
import { Listen } from '../../../../lib/gateway/bridge/legacy-to-modern/listen.ts'
import { Rounds, type RoundsOptions } from '../../../../lib/gateway/bridge/legacy-to-modern/rounds.ts'
import type { HubCall } from '../../../../lib/gateway/hub.ts'
import type { ListenFilter } from '../../../../lib/protocol/bridge/legacy-to-modern/subscription.ts'
import { parseMessage, splice } from '../../../../lib/protocol/message.ts'
import type { Message } from '../../../../lib/protocol/model.ts'
import { scanChunkJs } from '../../../../lib/protocol/scan.ts'
import { until } from '../../../support/until.ts'

const message = (value: object) =>
  parseMessage([Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...value }))], scanChunkJs)
const answer = (result: object) => message({ id: 1, result })

/** A hub whose server is the test. */
class FakeHub {
  readonly calls: (HubCall & { cancelled: string | null; readonly text: string })[] = []

  call(call: HubCall): void {
    const edits = [...call.edits].sort((a, b) => a.span.start - b.span.start)
    const text = Buffer.concat(splice(call.request, edits)).toString()
    const known = { ...call, text, cancelled: null as string | null }
    call.reply.onClose((reason) => {
      known.cancelled = reason ?? ''
    })
    this.calls.push(known)
  }

  last() {
    const call = this.calls.at(-1)
    if (call === undefined) throw new Error('nothing was called')
    return call
  }
}

const turn = () => new Promise(setImmediate)

function listening() {
  const hub = new FakeHub()
  const told: string[] = []
  const listen = new Listen({
    hub,
    lists: { toolsListChanged: true },
    timeoutMs: 10_000,
    request: (filter) => message({ id: 0, method: 'subscriptions/listen', params: { notifications: filter } }),
    onEvent: (event) => told.push(event.text('params.uri') ?? ''),
  })
  const acknowledge = (index: number, filter: ListenFilter) =>
    event(index, { method: 'notifications/subscriptions/acknowledged', params: { notifications: filter } })
  const event = (index: number, value: object) => {
    const heard = message(value)
    hub.calls[index]?.onEvent(heard, { pieces: heard.pieces, hasLineBreaks: false })
  }
  const update = (index: number, uri: string) =>
    event(index, { method: 'notifications/resources/updated', params: { uri } })
  return { hub, told, listen, acknowledge, update }
}

t.test('a new filter has its stream before the old one is closed, and each change is told once', async (t) => {
  const { hub, told, listen, acknowledge, update } = listening()
  listen.start()
  await turn()
  acknowledge(0, { toolsListChanged: true })
  update(0, 'by the first')
  const subscribed = listen.subscribe('a:b')
  await turn()
  t.match(hub.calls[1]?.text, /"resourceSubscriptions":\["a:b"\]/)
  update(0, 'by the first, still')
  update(1, 'by the second, too early')
  t.equal(hub.calls[0]?.cancelled, null)
  acknowledge(1, { toolsListChanged: true, resourceSubscriptions: ['a:b'] })
  t.not(hub.calls[0]?.cancelled, null)
  update(0, 'by the first, too late')
  update(1, 'by the second')
  await subscribed
  t.same(told, ['by the first', 'by the first, still', 'by the second'])
  listen.stop()
  t.not(hub.calls[1]?.cancelled, null)
})

t.test('subscriptions that come together need one stream, and what is not granted is refused', async (t) => {
  const { hub, listen, acknowledge } = listening()
  const outcomes = Promise.allSettled([listen.subscribe('a:1'), listen.subscribe('a:2')])
  await turn()
  t.equal(hub.calls.length, 1)
  acknowledge(0, { resourceSubscriptions: ['a:2'] })
  const [refused, granted] = await outcomes
  t.match(refused, { status: 'rejected', reason: { code: 'INVALID_PARAMS' } })
  t.equal(granted.status, 'fulfilled')
  void listen.unsubscribe('a:2')
  await turn()
  t.notMatch(hub.last().text, /resourceSubscriptions/)
  listen.stop()
})

t.test('a stream that the server ends is opened anew', async (t) => {
  const { hub, listen, acknowledge } = listening()
  listen.start()
  await turn()
  acknowledge(0, {})
  hub.calls[0]?.onAnswer(answer({ resultType: 'complete' }))
  await until(() => hub.calls.length > 1)
  t.equal(hub.calls.length, 2)
  listen.stop()
})

function rounds(params: object = {}, inquire: RoundsOptions['inquire'] = async () => new Map()) {
  const hub = new FakeHub()
  const outcome: { answer?: Message; error?: string } = {}
  const call = new Rounds({
    request: message({ id: 7, method: 'tools/call', params }),
    hub,
    client: hub,
    wantsLogs: () => false,
    envelope: () => '"e":1',
    inquire,
    withdraw: () => {},
    onEvent: () => {},
    onAnswer: (answer) => {
      outcome.answer = answer
    },
    onFailure: (error) => {
      outcome.error = error.message
    },
  })
  call.begin()
  return { hub, call, outcome }
}

t.test('a call is sent again with what the client answered and the state of the server', async (t) => {
  const { hub, outcome } = rounds({ name: 'n' }, async ([request]) => new Map([[request!.key, '{"a":1}']]))
  t.match(hub.last().text, '"params":{"_meta":{"e":1},"name":"n"}')
  const inputRequests = { k: { method: 'roots/list' } }
  hub.last().onAnswer(answer({ resultType: 'input_required', inputRequests, requestState: 's' }))
  await turn()
  t.match(hub.last().text, '"params":{"_meta":{"e":1},"inputResponses":{"k":{"a":1}},"requestState":"s","name":"n"}')
  hub.last().onAnswer(answer({ content: [] }))
  t.ok(outcome.answer)
  t.equal(hub.calls.length, 2)
})

t.test('a call has sixteen rounds', async (t) => {
  const { hub, outcome } = rounds()
  for (let round = 0; round <= 16; round += 1) {
    t.equal(outcome.error, undefined)
    hub.last().onAnswer(answer({ resultType: 'input_required', requestState: 's' }))
    await turn()
  }
  t.equal(hub.calls.length, 17)
  t.match(outcome.error, /more than 16 times/)
})

t.test('a request that already has what a retry adds is not sent again', async (t) => {
  const { hub, outcome } = rounds({ requestState: 'mine' })
  hub.last().onAnswer(answer({ resultType: 'input_required', requestState: 's' }))
  await turn()
  t.equal(hub.calls.length, 1)
  t.match(outcome.error, /requestState/)
})

t.test('errors of the new revision do not reach the client as they are', async (t) => {
  for (const code of [-32020, -32021, -32022]) {
    const { hub, outcome } = rounds()
    hub.last().onAnswer(message({ id: 1, error: { code, message: 'm' } }))
    t.equal(outcome.answer, undefined)
    t.type(outcome.error, 'string')
  }
  const { hub, outcome } = rounds()
  hub.last().onAnswer(message({ id: 1, error: { code: -32602, message: 'm' } }))
  t.ok(outcome.answer?.isError)
})

t.test('a call that is cancelled is cancelled at the server, and nothing is heard of it any more', async (t) => {
  const { hub, call, outcome } = rounds()
  call.cancel('enough')
  t.equal(hub.last().cancelled, 'enough')
  hub.last().onAnswer(answer({}))
  hub.last().onAnswer(answer({ resultType: 'input_required', requestState: 's' }))
  await turn()
  t.same([outcome, hub.calls.length], [{}, 1])
})
