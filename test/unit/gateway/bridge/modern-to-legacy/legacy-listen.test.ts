import t from 'tap'
import type { Puppet } from '../../../../support/puppet.ts'
import { answerOf, openStand, type Stand } from './stand.ts'

const uri = 'x://1'

/** The next line that the script did not answer, of any copy. */
async function lineOf(stand: Stand): Promise<{ readonly copy: Puppet; readonly method: string; readonly id: number }> {
  for (;;) {
    for (const copy of stand.all) {
      const [line, ...more] = copy.take()
      if (more.length > 0) throw new Error(`more than one line came: ${more}`)
      if (line !== undefined) return { copy, ...JSON.parse(line) }
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
}

const isGranted = ({ copy, id }: { copy: Puppet; id: number }) =>
  copy.write(`{"jsonrpc":"2.0","id":${id},"result":{}}\n`)

t.test('what a call changes is told to who watches it, whichever copy has the call', async (t) => {
  const stand = openStand()
  t.teardown(() => stand.stop())
  const notifications = { resourceSubscriptions: [uri] }
  const watching = stand.ask({ method: 'subscriptions/listen', params: { notifications } })
  const first = await lineOf(stand)
  t.match(first, { method: 'resources/subscribe', params: { uri } })
  isGranted(first)
  while (watching.events.length < 1) await new Promise((resolve) => setImmediate(resolve))

  const call = stand.ask()
  const second = await lineOf(stand)
  t.match(second, { method: 'resources/subscribe', params: { uri } })
  t.not(second.copy, first.copy)
  isGranted(second)
  const { copy, id } = await stand.reached()
  t.equal(copy, second.copy)
  copy.write(`{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"${uri}"}}\n`)
  copy.write(answerOf(id))
  await call.answer
  t.match(watching.events[1], { method: 'notifications/resources/updated', params: { uri } })

  const again = stand.ask()
  copy.write(answerOf((await stand.reached()).id))
  await again.answer
  watching.leave()
  t.match(await lineOf(stand), { copy: first.copy, method: 'resources/unsubscribe' })
  const last = stand.ask()
  t.match(await lineOf(stand), { copy: second.copy, method: 'resources/unsubscribe' }, 'nobody watches any more')
  copy.write(answerOf((await stand.reached()).id))
  await last.answer
})

t.test('what is refused for its size holds no copy', async (t) => {
  const stand = openStand()
  t.teardown(() => stand.stop())
  await stand.server.facts()
  const notifications = { resourceSubscriptions: ['x'.repeat(70_000)] }
  const { answer } = stand.ask({ method: 'subscriptions/listen', params: { notifications } })
  t.match(await answer, { error: { code: 'TOO_LARGE' } })
  t.equal(stand.all.length, 1, 'the one that was asked about itself')
})
