import t from 'tap'
import { LogAudience } from '../../../lib/gateway/log-audience.ts'

function audience() {
  const clock = { now: 0 }
  const logs = new LogAudience(() => clock.now)
  let lastId = 0
  const begin = (client: object | null, wantsLogs = true) => {
    const call = { id: ++lastId, client, wantsLogs }
    logs.begin(call.id, call)
    return call
  }
  return { logs, clock, begin }
}

t.test('the only call is meant, whether it asked for log messages or not', async (t) => {
  for (const wantsLogs of [true, false]) {
    const { logs, begin } = audience()
    t.equal(logs.find(), null)
    const call = begin(null, wantsLogs)
    t.equal(logs.find(), call)
    logs.end(call.id)
    t.equal(logs.find(), null)
  }
})

t.test('of several calls it is the one that asked for log messages, and none when several did', async (t) => {
  const { logs, begin } = audience()
  begin(null, false)
  const asking = begin(null)
  t.equal(logs.find(), asking)
  begin(null)
  t.equal(logs.find(), null)
})

t.test('several calls of one client are as good as one: the newest carries it', async (t) => {
  const { logs, begin } = audience()
  const client = {}
  begin(client)
  const newest = begin(client)
  t.equal(logs.find(), newest)
  begin({})
  t.equal(logs.find(), null)
})

t.test('a call that was cancelled may be meant, until the server answers it or had time to stop', async (t) => {
  for (const settle of ['answer', 'time'] as const) {
    const { logs, clock, begin } = audience()
    const gone = begin({})
    logs.cancel(gone.id)
    t.equal(logs.find(), null, 'nobody is left to be told')
    const other = begin({})
    t.equal(logs.find(), null)
    if (settle === 'answer') logs.end(gone.id)
    else clock.now += 60_001
    t.equal(logs.find(), other, settle)
  }
})

t.test('no more cancelled calls are remembered than there may be', async (t) => {
  const { logs, begin } = audience()
  for (let count = 0; count < 5000; count += 1) logs.cancel(begin({}).id)
  t.equal(Reflect.get(logs, 'cancelled').size, 4096)
})
