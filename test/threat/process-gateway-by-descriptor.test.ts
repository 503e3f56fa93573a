/** A server asks its own streams, pid 1 and /proc for descriptors of the gateway's process and of its namespaces. */
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack } from '../support/attack.ts'

const ways = `
import fcntl
act('peer of the streams', lambda: socket.socket(fileno=0))
gateway = os.pidfd_open(1)
for name, number in (('cgroup', 1), ('mount', 3), ('network', 4), ('user', 9)):
    act(f'{name} namespace of the gateway', lambda: fcntl.ioctl(gateway, 0xff00 + number))
act('facts of the gateway', lambda: fcntl.ioctl(gateway, 0xc040ff0b, bytearray(64)))
act('signal', lambda: signal.pidfd_send_signal(gateway, signal.SIGKILL))
own = os.open('/proc/self/ns/user', os.O_RDONLY)
act('owner of the user namespace', lambda: fcntl.ioctl(own, 0xb704, bytearray(4)))
act('user namespace above', lambda: fcntl.ioctl(own, 0xb702))
pipe = os.pipe()
act('bytes in a pipe', lambda: fcntl.ioctl(pipe[0], 0x541b, bytearray(4)))
`

await enforceable(t, 'no descriptor leads to the gateway or to a namespace', async (t) => {
  const { 'bytes in a pipe': bytes, signal, ...refused } = await attack(ways)
  t.equal(bytes, 'allowed')
  // Where Landlock does not refuse it (before Linux 6.12), pid 1 gets it and takes none from within its namespace.
  t.match(signal, /^(EPERM|allowed)$/)
  t.equal(Object.keys(refused).length, 8)
  for (const [act, outcome] of Object.entries(refused)) t.match(outcome, /^E(PERM|INVAL|NOTSOCK)$/, act)
})
