/** A folder granted read-only is written by every call that writes. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const ways = `
MS_REMOUNT, MS_BIND, MS_RDONLY = 32, 4096, 1
def reopen(path):
    fd = os.open(path, os.O_RDONLY)
    os.close(os.open(f'/proc/self/fd/{fd}', os.O_WRONLY))
def change_mode(path):
    fd = os.open(path, os.O_RDONLY)
    os.fchmod(fd, 0o777)
def remount(path):
    call('mount', None, path.encode(), None, MS_REMOUNT | MS_BIND, None)
for folder in folders:
    file = f'{folder}/file'
    act(f'{folder}: write', lambda: write(file))
    act(f'{folder}: reopen', lambda: reopen(file))
    act(f'{folder}: truncate', lambda: os.truncate(file, 0))
    act(f'{folder}: create', lambda: write(f'{folder}/new'))
    act(f'{folder}: mkdir', lambda: os.mkdir(f'{folder}/newer'))
    act(f'{folder}: symlink', lambda: os.symlink('x', f'{folder}/newest'))
    act(f'{folder}: rename', lambda: os.rename(file, f'{folder}/other'))
    act(f'{folder}: unlink', lambda: os.unlink(f'{folder}/victim'))
    act(f'{folder}: chmod', lambda: os.chmod(f'{folder}/sub', 0o700))
    act(f'{folder}: fchmod', lambda: change_mode(f'{folder}/sub'))
    act(f'{folder}: touch', lambda: os.utime(f'{folder}/sub'))
    act(f'{folder}: setxattr', lambda: os.setxattr(f'{folder}/sub', 'user.x', b'x'))
    act(f'{folder}: below', lambda: write(f'{folder}/sub/file'))
    act(f'remount {folder}', lambda: remount(folder))
    act(f'umount {folder}', lambda: call('umount2', folder.encode(), 2))
    act(f'mount_setattr {folder}', lambda: call('syscall', 442, -100, folder.encode(), 0, bytes(32), 32))
tell('read', read(f'{folders[0]}/sub/file'))
`

await enforceable(t, 'a read-only grant can be read, and a writable one beside it written', async (t) => {
  const place = makePlace(t)
  for (const name of ['ro', 'rw']) for (const file of ['file', 'victim', 'sub/file']) place.file(`${name}/${file}`)
  const [readOnly, writable] = ['ro', 'rw'].map((name) => join(place.folder, name)) as [string, string]
  const filesystem = paths(`${readOnly}:ro`, writable)
  const found = await attack(ways, { filesystem, given: { folders: [readOnly, writable] } })
  t.equal(found['read'], 'untouched')
  for (const [act, outcome] of Object.entries(found)) {
    if (act.startsWith(`${readOnly}: `)) t.equal(outcome, 'EROFS', act)
    // Some file systems have no extended attributes of users.
    if (act.startsWith(`${writable}: `) && !act.endsWith('setxattr')) t.equal(outcome, 'allowed', act)
    if (act.includes('mount')) t.match(outcome, /^E(PERM|NOSYS)$/, act)
  }
  t.equal(readFileSync(join(readOnly, 'file'), 'utf8'), 'untouched')
  t.equal(statSync(join(readOnly, 'sub')).mode & 0o777, 0o777)
})

await enforceable(t, 'a read-only folder inside a writable one stays read-only, and the reverse', async (t) => {
  const place = makePlace(t)
  place.file('a/b/c/file')
  const [outer, middle, inner] = ['a', 'a/b', 'a/b/c'].map((name) => join(place.folder, name)) as [
    string,
    string,
    string,
  ]
  const given = { outer, middle, inner }
  const code = `
act('outer', lambda: write(f'{outer}/new'))
act('middle', lambda: write(f'{middle}/new'))
act('inner', lambda: write(f'{inner}/new'))
act('exchange the middle', lambda: os.rename(middle, f'{outer}/old'))`
  const found = await attack(code, { filesystem: paths(outer, `${middle}:ro`, inner), given })
  t.same(found, { outer: 'allowed', middle: 'EROFS', inner: 'allowed', 'exchange the middle': 'EBUSY' })
})

await enforceable(t, 'no lease keeps those who write it outside waiting', async (t) => {
  const file = makePlace(t).file('file')
  const lease = `
import fcntl
descriptor = os.open(file, os.O_RDONLY)
act('lease', lambda: fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK))
act('with high bits', lambda: call('fcntl', descriptor, ctypes.c_ulong(1 << 32 | fcntl.F_SETLEASE), fcntl.F_RDLCK))
act('lock', lambda: fcntl.lockf(descriptor, fcntl.LOCK_SH))`
  const found = await attack(lease, { filesystem: paths(`${file}:ro`), given: { file } })
  t.strictSame(found, { lease: 'EPERM', 'with high bits': 'EPERM', lock: 'allowed' })
})
