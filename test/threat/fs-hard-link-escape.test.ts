/** Hard links make a file that the server may only read, or not at all, a file in the folder that it may write. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { enforceable } from '../platform/linux/enforceable.ts'
import { attack, paths } from '../support/attack.ts'
import { makePlace } from '../support/place.ts'

const ways = `
AT_SYMLINK_FOLLOW = 0x400
AT_EMPTY_PATH = 0x1000
def link_descriptor(path, new):
    fd = os.open(path, os.O_RDONLY)
    call('linkat', -100, f'/proc/self/fd/{fd}'.encode(), -100, new.encode(), AT_SYMLINK_FOLLOW)
act('invisible file', lambda: os.link(secret, f'{rw}/a'))
act('read-only file', lambda: os.link(f'{ro}/file', f'{rw}/b'))
act('read-only file by its descriptor', lambda: link_descriptor(f'{ro}/file', f'{rw}/c'))
act('program of the system', lambda: os.link('/usr/bin/env', f'{rw}/d'))
act('rename out of the read-only folder', lambda: os.rename(f'{ro}/file', f'{rw}/e'))
act('link within', lambda: (os.link(f'{rw}/file', f'{rw}/f'), write(f'{rw}/f', 'changed')))
`

await enforceable(t, 'nothing outside the writable folder can be linked into it', async (t) => {
  const place = makePlace(t)
  const secret = place.file('closed/secret')
  const [readOnly, writable] = [place.file('ro/file'), place.file('rw/file')]
  const given = { secret, ro: join(readOnly, '..'), rw: join(writable, '..') }
  const found = await attack(ways, { filesystem: paths(`${given.ro}:ro`, given.rw), given })
  t.equal(found['link within'], 'allowed')
  t.equal(readFileSync(writable, 'utf8'), 'changed')
  t.equal(found['invisible file'], 'ENOENT')
  for (const act of [
    'read-only file',
    'read-only file by its descriptor',
    'program of the system',
    'rename out of the read-only folder',
  ]) {
    t.match(found[act], /^E(XDEV|ROFS)$/, act)
  }
  for (const path of [secret, readOnly]) t.equal(statSync(path).nlink, 1)
})
