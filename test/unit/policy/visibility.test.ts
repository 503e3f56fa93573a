import t from 'tap'
import type { MountOperation } from '../../../lib/policy/plan.ts'
import { visibilityOf } from '../../../lib/policy/visibility.ts'

const bind = (target: string, access: 'ro' | 'rw'): MountOperation => {
  return { op: 'bind', source: target, target, access, idmap: false, optional: false }
}

const mounts: readonly MountOperation[] = [
  { op: 'tmpfs', target: '/tmp', sizeBytes: 1, inodes: 1, mode: 0o1777 },
  bind('/usr', 'ro'),
  { op: 'symlink', target: '/bin', to: 'usr/bin' },
  { op: 'file', target: '/etc/passwd', mode: 0o644, content: '' },
  bind('/srv/data', 'rw'),
  { op: 'readonly', target: '/srv/data/.git', optional: true },
  { op: 'mask', target: '/srv/data/secret', optional: true },
  { op: 'dev', shmBytes: 1 },
  { op: 'proc' },
]

t.test('in a minimal root only what the plan mounts is there', async (t) => {
  const seen = (path: string) => visibilityOf(path, { root: 'minimal', mounts })
  t.equal(seen('/root/.ssh'), 'absent')
  t.equal(seen('/usrlocal'), 'absent')
  t.equal(seen('/usr/bin/env'), 'read-only')
  t.equal(seen('/srv'), 'read-only', 'a folder on the way')
  t.equal(seen('/srv/other'), 'absent')
  t.equal(seen('/srv/data/file'), 'writable')
  t.equal(seen('/srv/data/.git/hooks'), 'read-only')
  t.equal(seen('/srv/data/secret/key'), 'covered')
  t.equal(seen('/tmp'), 'writable')
  t.equal(seen('/tmp/file'), 'private')
  t.equal(seen('/etc/passwd'), 'read-only')
  t.equal(seen('/etc/shadow'), 'absent')
  for (const path of ['/bin/sh', '/dev/null', '/proc/self/status']) t.equal(seen(path), 'unknown', path)
})

t.test("where the host's tree is the root, all of it is there", async (t) => {
  t.equal(visibilityOf('/root/file', { root: 'host-ro', mounts }), 'read-only')
  t.equal(visibilityOf('/root/file', { root: 'host-rw', mounts }), 'writable')
  t.equal(visibilityOf('/srv/data/secret', { root: 'host-rw', mounts }), 'covered')
})
