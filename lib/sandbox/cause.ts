/** Turns "step X failed with errno Y" into what it probably means and what would help. */
import type { StepFailure } from '../policy/host.ts'

export interface LikelyCause {
  readonly cause: string
  readonly remedy: string
}

interface Known {
  readonly steps: readonly string[]
  readonly errnos: readonly string[]
  readonly cause: string
  readonly remedy: string
}

const any: readonly string[] = []

/** The first match counts; an empty list matches everything. */
const known: readonly Known[] = [
  {
    steps: ['namespaces', 'user-namespace', 'clone', 'id-map'],
    errnos: ['EPERM', 'EACCES'],
    cause: 'this container, a chroot or a security module forbids user namespaces',
    remedy: 'allow them in the container, do not start the gateway in a chroot, or start it as root',
  },
  {
    steps: ['namespaces', 'user-namespace', 'clone'],
    errnos: ['ENOSPC', 'EUSERS'],
    cause: 'no more namespaces of one kind may be made (user.max_user_namespaces and its like), or too many are nested',
    remedy: 'raise user.max_user_namespaces, user.max_mnt_namespaces and user.max_net_namespaces (sysctl)',
  },
  {
    steps: ['namespaces', 'user-namespace', 'clone'],
    errnos: ['EINVAL', 'ENOSYS'],
    cause: 'the kernel was built without one of the namespaces',
    remedy:
      'use a kernel with CONFIG_USER_NS, CONFIG_PID_NS, CONFIG_NET_NS, CONFIG_IPC_NS, CONFIG_UTS_NS and CONFIG_CGROUPS',
  },
  {
    steps: ['mask'],
    errnos: ['EACCES'],
    cause: "a folder above the path is closed to the server's user, or a security module forbids to cover it",
    remedy: 'check the rights of each folder above it; mcpo doctor shows whether a sandbox can be built at all',
  },
  {
    steps: ['private-mounts', 'root', 'tmpfs', 'pivot-root', 'mask', 'umount'],
    errnos: ['EPERM', 'EACCES'],
    cause: 'user namespaces can be made but give no right to mount (a security module: AppArmor, SELinux)',
    remedy: 'allow it in the policy of that module, or start the gateway as root',
  },
  {
    steps: ['bind', 'root'],
    errnos: ['ENOSYS'],
    cause: 'the kernel lacks a system call that every sandbox needs, mount_setattr(2)',
    remedy: 'use Linux 5.12 or later',
  },
  {
    steps: ['proc'],
    errnos: ['EPERM'],
    cause: 'no /proc is to be seen here that shows everything, and so the kernel allows no new one',
    remedy: 'start the gateway where /proc is mounted and uncovered',
  },
  {
    steps: ['bind', 'open', 'idmap'],
    errnos: ['ENOENT', 'ENOTDIR'],
    cause: 'the path does not exist, or was exchanged meanwhile',
    remedy: 'check the path in the configuration',
  },
  {
    steps: ['bind', 'open'],
    errnos: ['EACCES', 'EPERM'],
    cause: 'this user may not reach the path, or its file system forbids binding it',
    remedy: 'check the rights of each folder above it',
  },
  {
    steps: ['rights'],
    errnos: ['EACCES', 'EPERM'],
    cause: "without a user namespace nothing is id-mapped, and the server's own uid may not use this path as it is",
    remedy:
      'give that uid the rights (chown, or setfacl -m u:UID:rwX; mcpo sandbox run: name it with --uid), or allow user namespaces: mcpo doctor says how',
  },
  {
    steps: ['open', 'look'],
    errnos: ['TIMEOUT'],
    cause: 'the path is on a file system that does not answer',
    remedy: 'mount it again, or take the path out of the configuration',
  },
  {
    steps: ['seccomp'],
    errnos: any,
    cause: 'the kernel refuses seccomp filters',
    remedy: 'use a kernel with CONFIG_SECCOMP_FILTER',
  },
  {
    steps: ['landlock'],
    errnos: any,
    cause: 'the kernel refuses the Landlock rules',
    remedy: 'report this with the output of mcpo doctor --json',
  },
  {
    steps: ['self-check'],
    errnos: any,
    cause: 'the sandbox looked at itself from inside, and that wall did not hold',
    remedy: 'report this with the output of mcpo doctor --json',
  },
  {
    steps: ['proof'],
    errnos: any,
    cause: 'mcpo-launch does not prove what this gateway demands: it is of another version',
    remedy: 'build it: npm run build:native',
  },
  {
    steps: ['enter'],
    errnos: ['EPERM', 'EACCES'],
    cause:
      "the gateway has no right over the container's network: it is root's (docker), CAP_SYS_ADMIN is missing, or a security module forbids it",
    remedy:
      'start the gateway as root, or let an ordinary user have podman, whose containers are his own; or write network = false',
  },
  {
    steps: ['enter'],
    errnos: ['EEXIST'],
    cause: "the engine made the container without a network of its own, or with a route, against the gateway's word",
    remedy: 'look for what changes --network=none: containers.conf, hooks of the engine',
  },
  {
    steps: ['cwd'],
    errnos: any,
    cause: 'the working directory is not visible inside the sandbox, or not passable',
    remedy: 'add it to filesystem',
  },
  {
    steps: ['exec'],
    errnos: ['ENOENT'],
    cause: 'the program, or the interpreter that it names, is not visible inside the sandbox',
    remedy: 'add the folder of the program to filesystem, with ":ro"',
  },
  {
    steps: ['exec'],
    errnos: ['EACCES'],
    cause: "the program is not executable for the server's user, or lies on a noexec mount",
    remedy: 'check its mode and its mount',
  },
  {
    steps: ['exec'],
    errnos: ['ENOEXEC', 'E8'],
    cause: 'the file is no program of this machine, and has no #! line',
    remedy: 'name its interpreter as the command',
  },
  {
    steps: ['exec-launcher'],
    errnos: any,
    cause: "mcpo-launch, the sandbox's own program, is missing or cannot be executed",
    remedy: 'build it: npm run build:native',
  },
  {
    steps: ['dup'],
    errnos: ['EINVAL'],
    cause: 'too few open files are allowed',
    remedy: 'raise the limit (ulimit -n)',
  },
  { steps: any, errnos: ['EMFILE', 'ENFILE'], cause: 'too many open files', remedy: 'raise the limit (ulimit -n)' },
  {
    steps: any,
    errnos: ['EAGAIN'],
    cause: 'the limit of processes of this user is reached',
    remedy: 'raise it (ulimit -u), or start fewer servers',
  },
  { steps: any, errnos: ['ENOMEM'], cause: 'memory is short', remedy: 'free some, or start fewer servers' },
  {
    steps: any,
    errnos: ['TIMEOUT'],
    cause: 'the machine may be overloaded',
    remedy: 'try again when it has less to do',
  },
]

export function likelyCause({ step, errno }: StepFailure): LikelyCause | null {
  const match = ({ steps, errnos }: Known): boolean =>
    (steps.length === 0 || steps.includes(step)) && (errnos.length === 0 || errnos.includes(errno))
  return known.find(match) ?? null
}
