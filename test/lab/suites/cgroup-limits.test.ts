/** Limits of control groups, by servers that break them: all of a server's processes count together, and only they pay. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { Account, type Outcome } from '../../e2e/sandbox-run.ts'
import { until } from '../../support/until.ts'
import { HeldServer } from './held-server.ts'
import { onlyGroup } from './slice.ts'

const uid = process.getuid?.() ?? 0
const killed = 137
const limitMb = 128
const MiB = 1024 * 1024
/** Twice the limit, most in a way for which no single process answers. */
const bombs = {
  'one process': `
held = [bytearray(b'x' * (1 << 20)) for _ in range(256)]
print('held')`,
  'four processes': `
import os, signal
reader, writer = os.pipe()
for _ in range(4):
    if os.fork() == 0:
        held = [bytearray(b'x' * (1 << 20)) for _ in range(64)]
        os.write(writer, b'.')
        signal.pause()
for _ in range(4): os.read(reader, 1)
print('held')`,
  'a memory file': `
import os
file = os.memfd_create('bomb')
for _ in range(256): os.write(file, b'x' * (1 << 20))
print('held')`,
  'a temporary file': `
with open('/tmp/bomb', 'wb') as file:
    for _ in range(200): file.write(b'x' * (1 << 20))
print('held')`,
}

for (const [name, bomb] of Object.entries(bombs)) {
  t.test(`memory by ${name}: ended at the limit, with the reason, and nobody else is`, async (t) => {
    const account = makeAccount(t)
    const neighbour = await HeldServer.start(account)
    const { code, stdout, stderr } = await python(account, ['--json', '--max-memory-mb', String(limitMb)], bomb)
    t.same([code, stdout], [killed, ''])
    const { hits, usage } = endOf(stderr)
    t.match(hits, [{ limit: 'max_memory_mb', value: limitMb, killed: true }])
    t.ok((usage.memoryPeakBytes ?? 0) <= limitMb * MiB, `the peak was ${usage.memoryPeakBytes}`)
    t.ok(await neighbour.answers(), 'another server answers')
    await neighbour.end()
    t.match(await python(account, ['--max-memory-mb', '512'], bomb), { code: 0, stdout: 'held\n' }, 'it is the limit')
  })
}

/** In memory of the kernel's, which it cannot take back. */
const unread = `
import socket
print('started', flush=True)
held, sent = [], 0
while sent < 256 << 20:
    pair = socket.socketpair()
    held.append(pair)
    pair[0].setblocking(False)
    try:
        while True: sent += pair[0].send(bytes(1 << 16))
    except BlockingIOError: pass
print('held', flush=True)`

t.test('memory in buffers of sockets: no more than the limit, and nobody else pays', async (t) => {
  const account = makeAccount(t)
  const child = account.start(
    ['--max-memory-mb', String(limitMb), '--', '/usr/bin/python3', '-I', '-c', unread],
    'pipe',
  )
  const ended = once(child, 'exit')
  let said = ''
  child.stdout?.on('data', (chunk) => {
    said += chunk
  })
  // The kernel may end it here, or for ever take the pages of its program away and read them again.
  await Promise.race([ended, until(() => said !== '' && timesAtLimit() > 1000)])
  t.ok(child.exitCode === killed || memoryOf(onlyGroup()) <= limitMb * MiB)
  t.match(await account.run(['--', 'echo', 'another']), { code: 0, stdout: 'another\n' })
  child.kill('SIGKILL')
  await ended
  t.equal(said, 'started\n')
  t.match(await python(account, ['--max-memory-mb', '512'], unread), { code: 0, stdout: 'started\nheld\n' })
})

/** 0 without a group, too: the server has ended. */
function timesAtLimit(): number {
  try {
    return Number(/^max (\d+)$/m.exec(readFileSync(join(onlyGroup(), 'memory.events'), 'utf8'))?.[1])
  } catch {
    return 0
  }
}

function memoryOf(group: string): number {
  return Number(readFileSync(join(group, 'memory.current'), 'utf8'))
}

t.test('a server near its limit is told of once, is not slowed down there, and ends at the limit', async (t) => {
  const steps = `
held = []
for mebibytes in (120, 124, 256):
    held += [bytearray(b'x' * (1 << 20)) for _ in range(mebibytes - len(held))]
    print(mebibytes, flush=True)
    input()`
  const flags = ['--json', '--max-memory-mb', String(limitMb), '--']
  const child = makeAccount(t).start([...flags, '/usr/bin/python3', '-I', '-c', steps], 'pipe')
  const told = createInterface({ input: child.stderr! })[Symbol.asyncIterator]()
  const first = await eventOf(told, 'sandbox.limit-near')
  t.match(first, { limit: 'max_memory_mb', value: limitMb })
  t.ok(Number(first['usedBytes']) > limitMb * MiB * 0.85, `it used ${first['usedBytes']}`)
  t.equal(readFileSync(join(onlyGroup(), 'memory.high'), 'utf8'), 'max\n', 'nothing is above it but the limit')
  child.stdin?.write('\n\n')
  t.match(await eventOf(told, 'sandbox.limit-near', 'sandbox.limit-hit'), { type: 'sandbox.limit-hit', killed: true })
  t.same(await once(child, 'exit'), [killed, null])
})

t.test('a fork bomb stops at the limit, and others can still fork', async (t) => {
  const bomb = `
import os, time
count = 0
try:
    while count < 500:
        if os.fork() == 0: time.sleep(600)
        count += 1
except BlockingIOError:
    print(count, flush=True)
    input()`
  const account = makeAccount(t)
  const child = account.start(['--max-pids', '32', '--', '/usr/bin/python3', '-I', '-c', bomb], 'pipe')
  const [counted] = await once(child.stdout!, 'data')
  t.equal(Number(counted), 31, 'with itself 32')
  t.match(await account.run(['--', 'sh', '-c', '(echo forked)']), { code: 0, stdout: 'forked\n' })
  child.stdin?.end('\n')
  await once(child, 'exit')
})

/** The next event of one of these types that `--json` prints. */
async function eventOf(lines: AsyncIterator<string>, ...types: readonly string[]): Promise<Record<string, unknown>> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`no event of ${types.join(', ')}`)
    const { event } = JSON.parse(value)
    if (types.includes(event?.type)) return event
  }
}

function makeAccount(t: Test): Account {
  return new Account(t, { name: `uid ${uid}`, uid })
}

function python(account: Account, flags: readonly string[], code: string): Promise<Outcome> {
  return account.run([...flags, '--', '/usr/bin/python3', '-I', '-c', code])
}

interface Ended {
  readonly hits: readonly unknown[]
  readonly usage: { readonly memoryPeakBytes: number | null }
}

/** The last object that `--json` prints. */
function endOf(stderr: string): Ended {
  const lines = stderr.trim().split('\n')
  return JSON.parse(lines.at(-1) ?? '').ended
}
