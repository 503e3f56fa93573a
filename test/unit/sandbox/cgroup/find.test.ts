import t from 'tap'
import { cgroupMountsOutsideSys, findOwnGroup } from '../../../../lib/sandbox/cgroup/find.ts'

const unified = '30 20 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate\n'

t.test('our group is where the tree is mounted', async (t) => {
  t.same(findOwnGroup('0::/user.slice/user-1000.slice/session-1.scope\n', unified), {
    mount: '/sys/fs/cgroup',
    folder: '/sys/fs/cgroup/user.slice/user-1000.slice/session-1.scope',
    isReadOnly: false,
  })
  t.match(findOwnGroup('0::/\n', unified), { folder: '/sys/fs/cgroup' })
})

t.test('beside cgroup v1 the tree is found where it is', async (t) => {
  const cgroup = '9:name=systemd:/init\n4:memory:/a\n0::/b\n'
  const mounts = `31 20 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n${unified.replace('cgroup rw', 'cgroup/unified rw')}`
  t.match(findOwnGroup(cgroup, mounts), { folder: '/sys/fs/cgroup/unified/b' })
  t.equal(findOwnGroup('4:memory:/a\n', mounts), 'absent')
  t.equal(findOwnGroup('0::/b\n', '31 20 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n'), 'absent')
})

t.test('a part of the tree that is mounted is enough, when we are in it', async (t) => {
  const part = '30 20 0:26 /docker/1f /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n'
  t.match(findOwnGroup('0::/docker/1f/a\n', part), { mount: '/sys/fs/cgroup', folder: '/sys/fs/cgroup/a' })
  t.equal(findOwnGroup('0::/docker/1fa\n', part), 'elsewhere')
  t.equal(findOwnGroup('0::/other\n', part), 'elsewhere')
})

t.test('above our namespace, or removed, is nowhere', async (t) => {
  t.equal(findOwnGroup('0::/../other\n', unified), 'elsewhere')
  t.equal(findOwnGroup('0::/gone (deleted)\n', unified), 'elsewhere')
})

t.test('a read-only mount says so, and a writable one beside it is preferred', async (t) => {
  const readOnly = unified.replace('rw,nosuid', 'ro,nosuid')
  t.match(findOwnGroup('0::/\n', readOnly), { isReadOnly: true })
  t.match(findOwnGroup('0::/\n', unified.replace('rw,nsdelegate', 'ro,nsdelegate')), { isReadOnly: true })
  const both = readOnly + unified.replace('/sys/fs/cgroup', '/mnt/a\\040b')
  t.match(findOwnGroup('0::/\n', both), { mount: '/mnt/a b', isReadOnly: false })
})

t.test('trees of either version that are mounted beside /sys are found', async (t) => {
  const others =
    '31 20 0:27 / /mnt/v1\\040x rw - cgroup cgroup rw\n32 20 0:26 / /mnt/v2 rw - cgroup2 none rw\n33 1 8:1 / /mnt rw - ext4 a rw\n'
  t.same(cgroupMountsOutsideSys(unified + others), ['/mnt/v1 x', '/mnt/v2'])
})
