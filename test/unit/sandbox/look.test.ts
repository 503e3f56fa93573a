import { spawnSync } from 'node:child_process'
import { constants, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { aside } from '../../../lib/sandbox/look/aside.ts'
import { direct } from '../../../lib/sandbox/look/direct.ts'
import { mayHang } from '../../../lib/sandbox/look/mounts-that-hang.ts'

const folder = t.testdir({ file: 'some text', empty: '', below: { a: '1', b: '2' } })
symlinkSync('file', join(folder, 'link'))
symlinkSync('nowhere', join(folder, 'dangling'))
symlinkSync('loop', join(folder, 'loop'))
mkdirSync(join(folder, 'locked'), { mode: 0 })
writeFileSync(join(folder, 'run'), '', { mode: 0o755 })
spawnSync('mkfifo', [join(folder, 'pipe')])

for (const name of [
  'file',
  'empty',
  'below',
  'link',
  'dangling',
  'loop',
  'locked',
  'run',
  'pipe',
  'file/below',
  'absent/x',
]) {
  t.test(`looking directly and looking aside say the same of ${name}`, async (t) => {
    const path = join(folder, name)
    for (const way of ['stat', 'lstat'] as const) {
      const [one, other] = [await aside[way](path), await direct[way](path)]
      t.same([other?.ino, other?.mode, other?.uid, other?.size], [one?.ino, one?.mode, one?.uid, one?.size], way)
    }
    for (const way of ['realpath', 'readlink'] as const) t.equal(await direct[way](path), await aside[way](path), way)
    for (const mode of [constants.X_OK, constants.W_OK])
      t.equal(await direct.access(path, mode), await aside.access(path, mode), `access ${mode}`)
    t.same((await direct.names(path))?.sort(), (await aside.names(path))?.sort(), 'names')
    const entries = async (reads: typeof aside, most: number) =>
      (await reads.entries(path, most))?.map((entry) => `${entry.name} ${entry.isDirectory()}`).sort()
    t.same(await entries(direct, 100), await entries(aside, 100), 'entries')
    t.equal((await direct.entries(path, 1))?.length, (await aside.entries(path, 1))?.length, 'at most one entry')
    if (name === 'pipe') return
    t.equal(await direct.head(path, 4), await aside.head(path, 4), 'head')
    t.equal(await direct.text(path), await aside.text(path), 'text')
  })
}

const line = (type: string, point = '/mnt') => `40 27 0:35 / ${point} rw,relatime shared:2 - ${type} source rw`

t.test('mounts of this machine alone do not hang', async (t) => {
  t.notOk(mayHang([line('ext4', '/'), line('proc', '/proc'), line('tmpfs'), line('overlay'), ''].join('\n')))
  t.notOk(mayHang(line('autofs', '/proc/sys/fs/binfmt_misc')))
})

for (const type of ['nfs4', 'cifs', 'fuse.sshfs', '9p', 'ceph', 'autofs', 'something-new']) {
  t.test(`a mount of ${type} may hang`, async (t) => {
    t.ok(mayHang([line('ext4', '/'), line(type), line('tmpfs', '/tmp')].join('\n')))
  })
}
