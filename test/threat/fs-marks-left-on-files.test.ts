/** A server leaves marks on the host's files that are no content: whiteouts, generations, encryption policies. */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const ways = `
import fcntl
os.chdir(folder)
RENAME_NOREPLACE, RENAME_WHITEOUT = 1, 4
def rename(name, flags):
    write(name)
    call('renameat2', -100, name.encode(), -100, f'{name}-moved'.encode(), flags)
act('whiteout', lambda: rename('a', RENAME_WHITEOUT))
act('whiteout with another flag', lambda: rename('b', RENAME_WHITEOUT | RENAME_NOREPLACE))
act('whiteout by mknod', lambda: os.mknod('c', 0o20000, 0))
write('file')
file = open('file', 'r+')
act('generation', lambda: fcntl.ioctl(file, 0x40087602, struct.pack('l', 7)))
act('generation, 32-bit form', lambda: fcntl.ioctl(file, 0x40047602, struct.pack('l', 7)))
act('encryption policy', lambda: fcntl.ioctl(file, 0x800c6613, bytes(12)))
act('encryption key', lambda: fcntl.ioctl(file, 0xc0506617, bytes(80)))
act('plain rename', lambda: rename('d', RENAME_NOREPLACE))
act('flags, read', lambda: fcntl.ioctl(file, 0x80086601, bytes(8)))
`

await enforceable(t, 'no whiteout, generation or encryption policy stays in a writable folder', async (t) => {
  const { folder } = makePlace(t)
  const found = await attack(ways, { filesystem: paths(folder), given: { folder } })
  const { 'plain rename': plain, 'flags, read': flags, ...refused } = found
  t.equal(plain, 'allowed')
  // ENOTTY where the file system has no flags.
  t.match(flags, /^(allowed|ENOTTY)$/)
  t.equal(Object.keys(refused).length, 7)
  for (const [act, outcome] of Object.entries(refused)) t.equal(outcome, 'EPERM', act)
  for (const name of readdirSync(folder)) t.ok(lstatSync(join(folder, name)).isFile(), name)
})
