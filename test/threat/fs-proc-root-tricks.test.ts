/** Ways through /proc and through open folders to what was mounted before. */
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const ways = `
def through(start, path):
    fd = os.open(start, os.O_PATH | os.O_DIRECTORY)
    os.close(os.open(path, os.O_RDONLY, dir_fd=fd))
def enter_and_climb(start):
    os.chdir(start)
    os.close(os.open('../' * 16 + secret, os.O_RDONLY))
up = '../' * 16 + secret
for start in ('/', '/proc/self/root', '/proc/self/cwd', '/proc/thread-self/root', granted, '/proc/self/fd/.', '/..'):
    act(f'by the descriptor of {start}', lambda: through(start, up))
    act(f'by a path through {start}', lambda: read(f'{start}/{up}'))
    act(f'from within {start}', lambda: enter_and_climb(start))
act('chroot', lambda: os.chroot(granted))
act('setns', lambda: call('setns', os.open('/proc/self/ns/mnt', os.O_RDONLY), 0))
act('open_tree', lambda: call('syscall', 428, -100, b'/', 1))
act('mount', lambda: call('mount', b'proc', granted.encode(), b'proc', 0, None))
act('umount /proc', lambda: call('umount2', b'/proc', 2))
act('pivot_root', lambda: call('syscall', 155, b'.', b'.'))
act('granted', lambda: through(granted, 'file'))
tell('root', sorted(os.listdir('/proc/self/root')) == sorted(os.listdir('/')))
`

await enforceable(t, 'no path climbs out of the root directory', async (t) => {
  const place = makePlace(t)
  const secret = place.file('closed/secret')
  const granted = join(place.file('open/file'), '..')
  const {
    granted: allowed,
    root,
    ...found
  } = await attack(ways, { filesystem: paths(granted), given: { granted, secret } })
  t.equal(allowed, 'allowed')
  t.equal(root, true)
  t.equal(Object.keys(found).length, 7 * 3 + 6)
  for (const [act, outcome] of Object.entries(found)) t.match(outcome, /^E(NOENT|PERM|ACCES|NOSYS|NOTDIR)$/, act)
})
