/**
 * What a server must not do, and the layers that refuse it: in the order in which the kernel asks them, each with its
 * answer. SECURITY.md has the same table (test/house/layers.test.ts).
 */

export type Layer =
  | 'filter'
  | 'Landlock'
  | 'Landlock scopes'
  | 'minimal root'
  | 'host unmounted'
  | 'read-only mounts'
  | 'read-only root'
  | 'masked /proc'
  | 'nosuid mounts'
  | 'no capabilities'
  | 'empty bounding set'
  | 'no new privileges'
  | 'user namespace'
  | 'pid namespace'
  | 'network namespace'
  | 'ipc namespace'
  | 'uts namespace'
  | 'cgroup namespace'
  | 'no more namespaces'
  | 'own keyring'
  | 'own uid'
  | 'hidden pid 1'
  | 'clean launcher'
  | 'closed descriptors'
  | 'own environment'
  | 'rlimits'
  | 'no right over the host'

export interface Act {
  /** As in test/fixtures/layers/acts.py. */
  readonly name: string
  /** From the first that is asked to the last; each would hold alone. */
  readonly layers: readonly (readonly [Layer, answer: string])[]
  /** What it needs cannot be made by an ordinary user. */
  readonly only?: 'root'
}

export const acts: readonly Act[] = [
  {
    name: 'reads a file of the host',
    layers: [
      ['minimal root', 'ENOENT'],
      ['own uid', 'EACCES'],
      ['Landlock', 'EACCES'],
    ],
  },
  {
    name: 'reads a file above its root directory',
    layers: [
      ['host unmounted', 'ENOENT'],
      ['own uid', 'EACCES'],
      ['Landlock', 'EACCES'],
    ],
  },
  {
    name: 'writes a read-only grant',
    layers: [
      ['read-only mounts', 'EROFS'],
      ['Landlock', 'EACCES'],
    ],
  },
  { name: 'writes a read-only grant below a writable folder', layers: [['read-only mounts', 'EROFS']] },
  {
    name: 'writes its root directory',
    layers: [
      ['read-only root', 'EROFS'],
      ['Landlock', 'EACCES'],
    ],
  },
  {
    name: 'writes below /proc',
    layers: [
      ['masked /proc', 'EROFS'],
      ['Landlock', 'EACCES'],
    ],
  },
  { name: 'reads what /proc tells of the host', layers: [['masked /proc', 'no']] },
  {
    name: 'mounts',
    layers: [
      ['filter', 'EPERM'],
      ['Landlock', 'EPERM'],
      ['no capabilities', 'EPERM'],
    ],
  },
  {
    name: 'makes a user namespace',
    layers: [
      ['filter', 'EPERM'],
      ['no more namespaces', 'ENOSPC'],
    ],
  },
  { name: 'sees processes of the host', layers: [['pid namespace', 'ENOENT']] },
  {
    name: 'signals processes of the host',
    layers: [
      ['pid namespace', 'ESRCH'],
      ['own uid', 'EPERM'],
      ['Landlock scopes', 'EPERM'],
    ],
  },
  {
    name: 'reads the memory of a process of the host',
    layers: [
      ['filter', 'EPERM'],
      ['pid namespace', 'ESRCH'],
      ['own uid', 'EPERM'],
      ['user namespace', 'EPERM'],
      ['Landlock', 'EPERM'],
    ],
  },
  {
    name: 'reads the environment of a process of the host',
    layers: [
      ['pid namespace', 'ENOENT'],
      ['own uid', 'EACCES'],
      ['user namespace', 'EACCES'],
      ['Landlock', 'EACCES'],
    ],
  },
  {
    name: 'traces pid 1',
    layers: [
      ['filter', 'EPERM'],
      ['hidden pid 1', 'EPERM'],
      ['Landlock', 'EPERM'],
    ],
  },
  { name: 'connects to the loopback of the host', layers: [['network namespace', 'ECONNREFUSED']] },
  {
    name: 'connects to an abstract socket of the host',
    layers: [
      ['network namespace', 'ECONNREFUSED'],
      ['Landlock scopes', 'EPERM'],
    ],
  },
  {
    name: 'connects to a socket file of the host',
    layers: [
      ['minimal root', 'ENOENT'],
      ['own uid', 'EACCES'],
    ],
  },
  {
    name: 'sends packets of its own making',
    layers: [
      ['filter', 'EPERM'],
      ['no capabilities', 'EPERM'],
    ],
  },
  {
    name: 'reads keys of the gateway',
    layers: [
      ['filter', 'EPERM'],
      ['own keyring', 'ENOKEY'],
    ],
  },
  { name: 'uses io_uring, userfaultfd, keys of its own', layers: [['filter', 'EPERM']] },
  {
    name: 'runs a setuid program',
    only: 'root',
    layers: [
      ['nosuid mounts', 'no'],
      ['no new privileges', 'no'],
      ['user namespace', 'no'],
    ],
  },
  {
    name: 'runs a program with file capabilities',
    only: 'root',
    layers: [
      ['nosuid mounts', 'no'],
      ['no new privileges', 'no'],
      ['user namespace', 'no'],
      ['empty bounding set', 'EPERM'],
    ],
  },
  { name: 'leaves a setuid file', layers: [['filter', 'EPERM']] },
  {
    name: 'makes a device',
    layers: [
      ['filter', 'EPERM'],
      ['Landlock', 'EACCES'],
      ['no right over the host', 'EPERM'],
    ],
  },
  {
    name: 'administers the machine',
    layers: [
      ['filter', 'EPERM'],
      ['no right over the host', 'EPERM'],
    ],
  },
  {
    name: 'attaches shared memory of the host',
    layers: [
      ['filter', 'EPERM'],
      ['ipc namespace', 'EINVAL'],
      ['own uid', 'EACCES'],
    ],
  },
  {
    name: 'sets its host name',
    layers: [
      ['filter', 'EPERM'],
      ['no capabilities', 'EPERM'],
    ],
  },
  { name: 'learns the name of the host', layers: [['uts namespace', 'no']] },
  { name: 'shares the view of control groups', layers: [['cgroup namespace', 'no']] },
  { name: 'makes a file above 4 GiB', layers: [['rlimits', 'EFBIG']] },
  { name: 'finds variables of the gateway', layers: [['own environment', 'no']] },
  {
    name: 'finds descriptors of the gateway',
    layers: [
      ['clean launcher', 'EBADF'],
      ['closed descriptors', 'EBADF'],
    ],
  },
  { name: 'finds descriptors of its launcher', layers: [['closed descriptors', 'EBADF']] },
]
