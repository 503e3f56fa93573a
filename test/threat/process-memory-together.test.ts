/** Processes of a server that each stay below the limit and together do not. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Account, packageRoot, users } from '../e2e/sandbox-run.ts'
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

/** In buffers that belong to no process: 200 MiB, sent and never received. */
const unread = `
import socket
held, sent = [], 0
while sent < 200 << 20:
    pair = socket.socketpair()
    held.append(pair)
    pair[0].setblocking(False)
    try:
        while True: sent += pair[0].send(bytes(1 << 16))
    except BlockingIOError: pass
print('held', flush=True)
input()`

/** In page tables: places in a terabyte that is mapped and never written, 200 MiB of them. */
const tables = `
import ctypes, mmap
libc = ctypes.CDLL(None)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
size, step, noReserve, noHugePage = 100 << 30, 2 << 20, 0x4000, 15
start = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | noReserve, -1, 0)
libc.madvise(start, size, noHugePage)
for place in range(start, start + size, step): ctypes.c_char.from_address(place).value
print('held', flush=True)
input()`

const flags = (limit: number) => ['--json', '--max-memory-mb', String(limit), '--best-effort', 'memory', '--']
const pythonOf = (program: string) => ['/usr/bin/python3', '-I', '-c', program]
const python = pythonOf(four)
const killed = { ended: { hits: [{ limit: 'max_memory_mb', value: 128, killed: true }] } }

await enforceable(t, 'the server is ended at the limit, and told by its name', async (t) => {
  for (const user of users()) {
    t.test(`as ${user.name}`, async (t) => {
      const account = new Account(t, user)
      for (const [what, program] of Object.entries({
        'four processes': four,
        'socket buffers': unread,
        'page tables': tables,
      })) {
        const run = pythonOf(program)
        const { code, last } = await endOf(account.start([...flags(128), ...run], ['pipe', 'pipe', 'pipe']))
        t.equal(code, 137, what)
        t.match(last, killed, what)
        t.match(await account.run([...flags(512), ...run], { input: '\n' }), { code: 0, stdout: 'held\n' }, what)
      }
    })
  }
  if (process.getuid?.() === 0) t.test('from whom /proc hides what others run', hiddenProc)
})

/** hidepid=2 hides a user's own processes too, once they are not dumpable. */
async function hiddenProc(t: Test): Promise<void> {
  const user = users().at(-1)
  if (user === undefined) throw new Error('there is nobody to run it')
  const { home } = new Account(t, user)
  const hide = 'mount --make-rprivate / && mount -t proc -o hidepid=2 proc /proc && exec "$@"'
  const become = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.uid}`, '--clear-groups', '--']
  const run = [process.execPath, join(packageRoot, 'bin/mcpo.js'), 'sandbox', 'run', ...flags(128), ...python]
  const environment = { PATH: process.env['PATH'] ?? '', HOME: home }
  const command = ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-c', hide, 'sh', ...become, ...run]
  const { code, last } = await endOf(spawn('unshare', command, { cwd: home, env: environment, stdio: 'pipe' }))
  t.equal(code, 137)
  t.match(last, killed)
}

/** With the last object that `--json` printed. Its input stays open, so that it does not end by itself. */
async function endOf(child: ChildProcess): Promise<{ code: unknown; last: unknown }> {
  let stderr = ''
  child.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  return { code, last: JSON.parse(stderr.trim().split('\n').at(-1) ?? '') }
}
