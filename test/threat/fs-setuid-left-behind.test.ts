/** A server leaves a program for the host that runs with somebody else's rights. */
import { lstatSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const ways = `
import shutil
os.chdir(folder)
def create(name, mode):
    os.umask(0)
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY, mode))
def copy(name, mode):
    shutil.copy('/usr/bin/env', name)
    os.chmod(name, mode)
def nameless(name, mode):
    os.umask(0)
    fd = os.open('.', os.O_TMPFILE | os.O_RDWR, mode)
    call('linkat', -100, f'/proc/self/fd/{fd}'.encode(), -100, name.encode(), 0x400)
def through_descriptor(name, mode):
    fd = os.open(name, os.O_CREAT | os.O_WRONLY, 0o755)
    os.fchmod(fd, mode)
for label, mode in (('setuid', 0o4755), ('setgid', 0o2755), ('both', 0o6777)):
    act(f'{label} open', lambda: create(f'a-{label}', mode))
    act(f'{label} chmod', lambda: copy(f'b-{label}', mode))
    act(f'{label} O_TMPFILE', lambda: nameless(f'c-{label}', mode))
    act(f'{label} fchmod', lambda: through_descriptor(f'd-{label}', mode))
    act(f'{label} mkdir', lambda: call('mkdir', f'e-{label}'.encode(), mode))
act('device', lambda: os.mknod('device', 0o20666, os.makedev(1, 3)))
act('capability', lambda: os.setxattr('b-both', 'security.capability', bytes([1, 0, 0, 2]) + bytes(16)))
act('chown', lambda: os.chown('b-both', 0, 0))
act('plain chmod', lambda: copy('plain', 0o755))
`

await enforceable(t, 'no set-user-id, set-group-id, device or capability stays in a writable folder', async (t) => {
  const { folder } = makePlace(t)
  const { 'plain chmod': plain, ...found } = await attack(ways, { filesystem: paths(folder), given: { folder } })
  t.equal(plain, 'allowed')
  t.equal(statSync(join(folder, 'plain')).mode & 0o7777, 0o755)
  t.equal(Object.keys(found).length, 18)
  for (const [act, outcome] of Object.entries(found)) {
    // mkdir gives folders no set-user-id bit: the kernel drops it.
    if (act !== 'setuid mkdir') t.match(outcome, /^E(PERM|NOSYS|INVAL)$/, act)
  }
  for (const name of readdirSync(folder)) {
    const stats = lstatSync(join(folder, name))
    t.equal(stats.mode & 0o6000, 0, name)
    t.ok(stats.isFile() || stats.isDirectory(), name)
    t.equal(stats.uid, process.getuid?.(), `${name} belongs to the owner of the folder`)
  }
})
