/** Both ways to read a launcher's records say the same: in the event loop, and by libuv's threads. */
import { closeSync, fstatSync, writeSync } from 'node:fs'
import t, { type Test } from 'tap'
import { isNativeFailure, type StatusRecord, stdioPipes } from '../../../lib/native/index.ts'
import { readByThreads, readRecords } from '../../../lib/sandbox/records.ts'

/** `limit`, with the name of a limit as its text. */
function limitRecord(name: string): Buffer {
  const header = Buffer.alloc(8)
  header.writeUInt8(8, 0)
  header.writeUInt16LE(name.length, 2)
  return Buffer.concat([header, Buffer.from(name)])
}

/** The end to read of a pipe, and the one to write. */
function pipe(): [number, number] {
  const pipes = stdioPipes(null)
  if (isNativeFailure(pipes)) throw new Error(pipes.errno)
  const [read, ...unused] = pipes.child
  const [write, ...others] = pipes.parent
  for (const fd of [...unused, ...others]) closeSync(fd)
  return [read, write]
}

async function readsAll(t: Test): Promise<void> {
  const [read, write] = pipe()
  const seen: StatusRecord[] = []
  let isSeen = (): void => {}
  const first = new Promise<void>((resolve) => {
    isSeen = resolve
  })
  const { ended } = readRecords(read, (record) => {
    seen.push(record)
    isSeen()
  })
  writeSync(write, limitRecord('max_pids'))
  await first
  const rest = limitRecord('max_memory_mb')
  writeSync(write, rest.subarray(0, 5))
  writeSync(write, rest.subarray(5))
  closeSync(write)
  await ended
  t.same(seen, [
    { kind: 'limit', limit: 'max_pids' },
    { kind: 'limit', limit: 'max_memory_mb' },
  ])
  t.throws(() => fstatSync(read), { code: 'EBADF' }, 'and the descriptor is closed')
}

async function endsWhenAbandoned(): Promise<void> {
  const [read, write] = pipe()
  const reading = readRecords(read, () => {})
  reading.abandon()
  await reading.ended
  closeSync(write)
}

t.test('in the event loop', readsAll)
t.test('in the event loop, abandoned', endsWhenAbandoned)
t.test('by threads', async (t) => {
  readByThreads()
  await readsAll(t)
})
t.test('by threads, abandoned', endsWhenAbandoned)
