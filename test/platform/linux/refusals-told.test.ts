// Refused system calls: what the server is answered, and what is told of it.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import t from 'tap'
import { probe } from '../../../lib/native/index.ts'
import type { CallRefused, Refusal } from '../../../lib/sandbox/events/model.ts'
import { attack, type Findings, findingsOf, python, startAttack } from '../../support/attack.ts'
import { enforceable } from './enforceable.ts'

const alone = join(import.meta.dirname, 'told-alone.js')

/** Allows everything, holds a listener, and becomes the program that its arguments name. */
const outerListener = `
import ctypes, os, platform, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
instruction = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))
program = struct.pack('HxxxxxxQ', 1, ctypes.addressof(instruction))
if libc.prctl(38, 1, 0, 0, 0) != 0: sys.exit('no_new_privs')
number = 317 if platform.machine() == 'x86_64' else 277
listener = libc.syscall(number, 1, 8, program)
if listener < 0: sys.exit(f'seccomp: {ctypes.get_errno()}')
os.set_inheritable(listener, True)
os.execv(sys.argv[1], sys.argv[1:])
`

/** What a server was answered, and what was told by its end. */
async function tellingOf(code: string): Promise<{ findings: Findings; events: readonly Refusal[] }> {
  const events: Refusal[] = []
  const findings = await attack(code, { onEvent: (event) => events.push(event) })
  return { findings, events }
}

await enforceable(t, 'refused system calls', async (t) => {
  t.ok(probe().userNotification, 'this kernel has user notification')

  await t.test('a call is refused with EPERM, and told by name with its reason', async (t) => {
    const { findings, events } = await tellingOf("act('mount', lambda: call('mount', 0, 0, 0, 0, 0))")
    t.equal(findings['mount'], 'EPERM')
    t.match(events, [
      { type: 'sandbox.call-refused', server: 'attack', call: 'mount', why: /mounts and roots/, allow: null, count: 1 },
    ])
    t.match((events[0] as CallRefused).arguments, ['0', '0', '0', '0', '0', String])
  })

  await t.test('a refusal that depends on the arguments is told like another', async (t) => {
    const { findings, events } = await tellingOf("act('vsock', lambda: socket.socket(40, socket.SOCK_STREAM))")
    t.equal(findings['vsock'], 'EPERM')
    t.match(events, [{ call: 'socket', why: /no vsock/, arguments: ['40', '524289'] }])
    t.equal(events.length, 1)
  })

  await t.test('what is allowed, and what does not exist, is not told', async (t) => {
    const { findings, events } = await tellingOf(`
act('socket', lambda: socket.socket(socket.AF_INET).close())
act('unknown', lambda: call('syscall', 9999))`)
    t.same(findings, { socket: 'allowed', unknown: 'ENOSYS' })
    t.same(events, [])
  })

  await t.test('the first call is told while the server runs, all others as one count', async (t) => {
    const events: Refusal[] = []
    const told = new EventTarget()
    const first = once(told, 'event')
    const child = await startAttack(
      `
for _ in range(50): act('mount', lambda: call('mount', 0, 0, 0, 0, 0))
sys.stdin.readline()`,
      {
        onEvent(event) {
          events.push(event)
          told.dispatchEvent(new Event('event'))
        },
      },
    )
    const output = text(new Socket({ fd: child.stdio.stdout, writable: false }))
    new Socket({ fd: child.stdio.stderr, writable: false }).resume()
    await first
    t.match(events, [{ call: 'mount', count: 1 }])
    new Socket({ fd: child.stdio.stdin, readable: false, writable: true }).end('\n')
    await child.exited
    t.same(findingsOf(await output), { mount: 'EPERM' })
    const counts = events.map((event) => ('count' in event ? event.count : 0))
    t.equal(
      counts.reduce((sum, count) => sum + count, 0),
      50,
    )
    t.equal(events.length, 2)
  })

  await t.test('the listener is not in the sandbox, nor the socket that it left by', async (t) => {
    const { findings } = await tellingOf(`
def kinds(pid):
    folder = f'/proc/{pid}/fd'
    return sorted(os.readlink(f'{folder}/{fd}').split(':')[0] for fd in os.listdir(folder) if os.path.lexists(f'{folder}/{fd}'))
tell('own', kinds('self'))`)
    const own = findings['own'] as string[]
    t.same(
      own.filter((kind) => kind !== 'pipe' && !kind.startsWith('/proc/')),
      [],
    )
  })

  await t.test('a call is refused as well when the supervisor has gone: ENOSYS', async (t) => {
    const { stdout } = await promisify(execFile)(process.execPath, [alone, 'deserted'])
    t.match(JSON.parse(stdout), { findings: { mount: 'ENOSYS' }, events: [] })
  })

  await t.test('below another listener refusals are plain EPERM, and a note says that they are not told', async (t) => {
    const { stdout } = await promisify(execFile)(python, ['-c', outerListener, process.execPath, alone])
    const { findings, events, notes } = JSON.parse(stdout)
    t.same(findings, { mount: 'EPERM' })
    t.same(events, [])
    t.match(notes, [/refused will not be told: seccomp user notification \(EBUSY\)/])
  })
})
