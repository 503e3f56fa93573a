/** A server that makes refused calls without end keeps nobody else from being answered, and fills no log. */
import { Socket } from 'node:net'
import t from 'tap'
import type { Refusal } from '../../lib/sandbox/events/model.ts'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, startAttack } from '../support/attack.ts'

const threads = 16
/** However slow the machine is: the count at the end is not that of a few calls. */
const callsEach = 20
const flood = `
import threading
ended = threading.Event()
def loop():
    for _ in range(${callsEach}): libc.mount(0, 0, 0, 0, 0)
    while not ended.is_set(): libc.mount(0, 0, 0, 0, 0)
loops = [threading.Thread(target=loop) for _ in range(${threads})]
for each in loops: each.start()
tell('floods', True)
sys.stdin.readline()
ended.set()
for each in loops: each.join()
`

await enforceable(t, 'during a flood', async (t) => {
  const events: Refusal[] = []
  const begunAt = performance.now()
  const flooding = await startAttack(flood, { onEvent: (event) => events.push(event) })
  const closed = new Promise((resolve) => {
    const output = new Socket({ fd: flooding.stdio.stdout, writable: false })
    output.once('data', resolve)
  })
  new Socket({ fd: flooding.stdio.stderr, writable: false }).resume()
  await closed

  await t.test('the calls of another server are answered and told', async (t) => {
    const others: Refusal[] = []
    const findings = await attack(
      "for i in range(10): act(f'{i}', lambda: call('unshare', 0x10000000))\nact('mount', lambda: call('mount', 0, 0, 0, 0, 0))",
      { onEvent: (event) => others.push(event) },
    )
    t.equal(Object.values(findings).filter((answer) => answer === 'EPERM').length, 11)
    t.match(
      others.flatMap((event) => ('call' in event && event.count === 1 ? event.call : [])),
      ['unshare', 'mount'],
    )
  })

  await t.test('what is told of it is one line, and a count at its end', async (t) => {
    new Socket({ fd: flooding.stdio.stdin, readable: false, writable: true }).end('\n')
    await flooding.exited
    const calls = events.reduce((sum, event) => sum + ('count' in event ? event.count : 0), 0)
    t.ok(calls >= threads * callsEach, `${calls} calls`)
    const seconds = (performance.now() - begunAt) / 1000
    t.ok(events.length >= 2, 'the line and the count')
    t.ok(events.length <= 4 + seconds / 10, `${events.length} lines: one more for each ten of ${seconds} seconds`)
  })
})
