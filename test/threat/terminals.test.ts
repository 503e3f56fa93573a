/** Terminals as a way to the host's: a server that opens some reaches none but its own, types into none, and gets so many. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, python } from '../support/attack.ts'

const open = `
import fcntl, termios
own = [os.openpty()]
tell('listed', sorted(os.listdir('/dev/pts')))
act('controlling', lambda: os.open('/dev/tty', os.O_RDWR))
act('type', lambda: fcntl.ioctl(own[0][1], termios.TIOCSTI, b'x'))
act('type-with-high-bits', lambda: call('ioctl', own[0][1], ctypes.c_ulong(1 << 32 | termios.TIOCSTI), b'x'))
act('keep', lambda: fcntl.ioctl(own[0][1], termios.TIOCEXCL))
act('console', lambda: fcntl.ioctl(own[0][1], termios.TIOCCONS))
act('discipline', lambda: fcntl.ioctl(own[0][1], termios.TIOCSETD, struct.pack('i', 2)))
try:
    while len(own) < 1000: own.append(os.openpty())
except OSError as error:
    tell('most', len(own))
`

await enforceable(t, "a server's terminals are its own, few, and take no typing", async (t) => {
  const host = spawn(python, ['-c', 'import os\nends = os.openpty()\nprint(os.ttyname(ends[1]), flush=True)\ninput()'])
  t.teardown(() => host.stdin.end())
  const [name] = await once(createInterface(host.stdout), 'line')
  t.match(name, /^\/dev\/pts\/\d+$/, 'there is a terminal on the host')
  t.strictSame(await attack(open), {
    listed: ['0', 'ptmx'],
    controlling: 'ENXIO',
    type: 'EPERM',
    'type-with-high-bits': 'EPERM',
    keep: 'EPERM',
    console: 'EPERM',
    discipline: 'EPERM',
    most: 64,
  })
})
