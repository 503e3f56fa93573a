/** Processes of a server that each stay below the limit and together do not. */
import t from 'tap'
import { Account, users } from '../e2e/sandbox-run.ts'
import { enforceable } from '../platform/linux/enforceable.ts'

/** Hidden from looks into them, as far as a process can hide. */
const four = `
import ctypes, os, signal
setDumpable = 4
reader, writer = os.pipe()
for _ in range(4):
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(setDumpable, 0, 0, 0, 0)
        held = [bytearray(b'x' * (1 << 20)) for _ in range(64)]
        os.write(writer, b'.')
        signal.pause()
for _ in range(4): os.read(reader, 1)
print('held', flush=True)
input()`

await enforceable(t, 'the server is ended at the limit, and told by its name', async (t) => {
  for (const user of users()) {
    t.test(`as ${user.name}`, async (t) => {
      const account = new Account(t, user)
      const flags = (limit: number) => ['--json', '--max-memory-mb', String(limit), '--best-effort', 'memory', '--']
      const python = ['/usr/bin/python3', '-I', '-c', four]
      const child = account.start([...flags(128), ...python], ['pipe', 'pipe', 'pipe'])
      let stderr = ''
      child.stderr?.on('data', (chunk) => {
        stderr += chunk
      })
      t.equal(await new Promise((resolve) => child.once('close', resolve)), 137)
      t.match(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''), {
        ended: { hits: [{ limit: 'max_memory_mb', value: 128, killed: true }] },
      })
      t.match(await account.run([...flags(512), ...python], { input: '\n' }), { code: 0, stdout: 'held\n' })
    })
  }
})
