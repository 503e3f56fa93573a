/** The acts of test/fixtures/probes, and who refuses each. */

export interface Act {
  readonly name: string
  /** What the product answers: an errno name, or the signal that ends the process. */
  readonly answer: 'EPERM' | 'ENOSYS' | 'SIGSYS' | 'EACCES'
  /**
   * Who refuses it. `seccomp`: the filter, proved by a build without it. `also-capabilities`: the lack of a capability
   * too, so the proof is made with builds that keep those. `also-host`: lack of a right over the host too, which no build
   * has; the filter's own listing is the proof. `init`: not the filter; pid 1 is not dumpable.
   */
  readonly by: 'seccomp' | 'also-capabilities' | 'also-host' | 'init'
  /** Absent: on every architecture. */
  readonly only?: 'x64'
}

export const acts: readonly Act[] = [
  ...of('EPERM', 'seccomp', [
    // other processes
    ...['ptrace-traceme', 'ptrace-seize', 'process-vm-readv', 'process-vm-writev', 'kcmp', 'pidfd-getfd'],
    ...['process-madvise', 'prlimit-others'],
    // namespaces
    ...['unshare-user', 'unshare-mount', 'unshare-pid', 'unshare-net', 'unshare-ipc', 'unshare-uts'],
    ...['unshare-cgroup', 'unshare-time', 'clone-user', 'clone-mount', 'clone-pid', 'clone-net', 'clone-ipc'],
    ...['clone-uts', 'clone-cgroup', 'setns'],
    // mounts and files by handle
    ...['mount', 'umount', 'chroot', 'fsconfig', 'open-tree', 'open-tree-attr', 'mount-setattr'],
    ...['name-to-handle-at', 'open-by-handle-at'],
    // the machine
    ...['kexec-load', 'kexec-file-load', 'init-module', 'finit-module', 'delete-module', 'swapon', 'quotactl'],
    ...['quotactl-fd', 'adjtimex', 'clock-adjtime', 'clock-settime', 'settimeofday'],
    // wide interfaces
    ...['bpf', 'perf-event-open', 'userfaultfd', 'add-key', 'keyctl', 'request-key', 'io-uring-setup'],
    ...['io-uring-enter', 'io-uring-register', 'fanotify-init', 'fanotify-mark', 'seccomp', 'prctl-seccomp'],
    ...['prctl-mm', 'prctl-dispatch', 'personality-read-implies-exec', 'personality-no-randomize', 'lookup-dcookie'],
    // kernel objects, placement of memory
    ...['shmget', 'msgget', 'semget', 'mq-open', 'mbind', 'move-pages', 'migrate-pages', 'get-mempolicy'],
    ...['set-mempolicy', 'set-mempolicy-home-node'],
    // files that mean something to the host
    ...['setuid-openat', 'setgid-openat', 'setuid-tmpfile', 'setuid-fchmod', 'setuid-fchmodat', 'setuid-fchmodat2'],
    ...['setgid-mkdirat', 'setuid-mknodat', 'mknod-character', 'mknod-block', 'ioctl-setflags', 'ioctl-fssetxattr'],
    ...['ioctl-verity', 'file-setattr'],
    // sockets
    ...['socket-vsock', 'socket-alg', 'socket-bluetooth', 'socket-tipc', 'netlink-uevent', 'netlink-netfilter'],
    ...['netlink-generic', 'socket-mptcp', 'socket-sctp', 'socket-udplite', 'socket-icmp', 'socketpair-inet'],
    ...['fastopen-sendto', 'fastopen-sendmsg', 'fastopen-sendmmsg'],
    ...['setsockopt-reuseport-filter', 'setsockopt-ulp', 'setsockopt-repair'],
    // terminals
    ...['ioctl-tiocsti', 'ioctl-tioclinux', 'ioctl-tioccons', 'ioctl-tiocsetd'],
    // somebody else
    ...['setuid-root', 'setgid-root', 'setreuid-root', 'setresuid-root', 'setresgid-root', 'setfsuid-root'],
    // bits that the kernel cuts off
    ...['high-word-tiocsti', 'high-word-vsock', 'high-word-mptcp', 'high-word-raw', 'high-word-fchmod'],
    ...['high-word-prctl-seccomp', 'high-word-personality', 'high-word-openat', 'high-word-clone-user'],
    'high-word-fastopen',
  ]),
  ...of('EPERM', 'seccomp', ['setuid-open', 'setuid-creat', 'setuid-chmod', 'setgid-mkdir', 'setuid-mknod'], 'x64'),
  ...of('EPERM', 'seccomp', ['iopl', 'ioperm', 'modify-ldt'], 'x64'),
  ...of('ENOSYS', 'seccomp', ['clone3', 'clone3-user', 'setuid-openat2', 'statmount', 'memfd-secret', 'io-setup']),
  ...of('SIGSYS', 'seccomp', ['int80', 'x32'], 'x64'),
  ...of('EPERM', 'also-capabilities', ['pivot-root', 'fsopen', 'fsmount', 'fspick', 'move-mount', 'reboot']),
  ...of('EPERM', 'also-capabilities', ['sethostname', 'setdomainname', 'socket-packet', 'socket-xdp']),
  ...of('EPERM', 'also-capabilities', ['socket-raw', 'socket-raw6', 'socket-old-packet', 'setsockopt-filter']),
  ...of('EPERM', 'also-host', ['swapoff', 'acct', 'syslog', 'vhangup', 'setgroups']),
  ...of('EACCES', 'init', ['init-memory', 'init-environment']),
]

function of(answer: Act['answer'], by: Act['by'], names: readonly string[], only?: 'x64'): Act[] {
  return names.map((name) => (only === undefined ? { name, answer, by } : { name, answer, by, only }))
}
