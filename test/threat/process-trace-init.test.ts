/** Taking over pid 1, which is not filtered as the server is. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const ways = `
PTRACE_ATTACH, PTRACE_SEIZE, PIDFD_GETFD, VM_READ, VM_WRITE, KCMP, PRLIMIT = 16, 0x4206, 438, 310, 311, 312, 302
class Piece(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('size', ctypes.c_size_t)]
room = ctypes.create_string_buffer(64)
piece = Piece(ctypes.addressof(room), 64)
limits = (ctypes.c_ulong * 2)(1, 1)
act('attach', lambda: call('ptrace', PTRACE_ATTACH, 1, 0, 0))
act('seize', lambda: call('ptrace', PTRACE_SEIZE, 1, 0, 0))
act('read memory', lambda: call('syscall', VM_READ, 1, ctypes.byref(piece), 1, ctypes.byref(piece), 1, 0))
act('write memory', lambda: call('syscall', VM_WRITE, 1, ctypes.byref(piece), 1, ctypes.byref(piece), 1, 0))
act('take a descriptor', lambda: call('syscall', PIDFD_GETFD, os.pidfd_open(1), 5, 0))
act('compare', lambda: call('syscall', KCMP, 1, os.getpid(), 0, 0, 0))
act('set limits', lambda: call('syscall', PRLIMIT, 1, 7, ctypes.byref(limits), 0))
act('descriptors', lambda: os.listdir('/proc/1/fd'))
for fd in range(8):
    act(f'descriptor {fd}', lambda: os.close(os.open(f'/proc/1/fd/{fd}', os.O_RDONLY)))
act('own descriptors', lambda: os.listdir('/proc/self/fd'))
`

await enforceable(t, 'pid 1 cannot be traced, read or robbed of its descriptors', async (t) => {
  const { 'own descriptors': own, ...found } = await attack(ways)
  t.equal(own, 'allowed')
  t.equal(Object.keys(found).length, 16)
  for (const [act, outcome] of Object.entries(found)) t.match(outcome, /^E(PERM|ACCES|NOSYS)$/, act)
})
