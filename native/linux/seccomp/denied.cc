// What is refused by name, with EPERM: dangerous enough that a program should hear "not permitted" rather
// than "not there". All else that is not on a list gets ENOSYS, on which libraries fall back.
#include "policy.h"

namespace mcpo::seccomp {

std::vector<Group> ServerDenied() {
  return {
      {"other processes' memory and descriptors",
       {"kcmp", "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace"}},
      {"mounts and roots: the file system view is settled, old and new interface alike (CVE-2021-41133)",
       {"chroot", "fsconfig", "fsmount", "fsopen", "fspick", "mount", "mount_setattr", "move_mount",
        "open_tree", "open_tree_attr", "pivot_root", "umount2"}},
      {"namespaces: a new user namespace gives capabilities over a larger kernel (clone is a rule)",
       {"setns", "unshare"}},
      {"files by handle, past mounts (shocker), and inode flags",
       {"file_setattr", "name_to_handle_at", "open_by_handle_at"}},
      {"programs and counters inside the kernel", {"bpf", "lookup_dcookie", "perf_event_open"}},
      {"page faults served from user space: the tool that widens kernel races", {"userfaultfd"}},
      {"keyrings: the host user's session keyring, and not namespaced", {"add_key", "keyctl", "request_key"}},
      {"a second way into the kernel that this filter does not see",
       {"io_uring_enter", "io_uring_register", "io_uring_setup"}},
      {"the machine: kernel images, modules, power, swap, accounting, quota",
       {"acct", "delete_module", "finit_module", "init_module", "kexec_file_load", "kexec_load", "quotactl",
        "quotactl_fd", "reboot", "swapoff", "swapon"}},
      {"the machine's clock, log, name and terminals",
       {"adjtimex", "clock_adjtime", "clock_settime", "setdomainname", "sethostname", "settimeofday",
        "syslog", "vhangup"}},
      {"hardware ports and segments", {"ioperm", "iopl", "modify_ldt"}},
      {"System V and POSIX message objects: kernel memory that outlives its process and that no rlimit "
       "counts",
       {"mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive", "mq_timedsend", "mq_unlink", "msgctl",
        "msgget", "msgrcv", "msgsnd", "semctl", "semget", "semop", "semtimedop", "shmat", "shmctl", "shmdt",
        "shmget"}},
      {"placement of memory: moves pages of other processes, and a source of kernel bugs",
       {"get_mempolicy", "mbind", "migrate_pages", "move_pages", "set_mempolicy", "set_mempolicy_home_node"}},
      {"watching or vetoing others' file accesses", {"fanotify_init", "fanotify_mark"}},
      {"groups: there is one and it stays; the uid calls are a rule", {"setfsgid", "setfsuid", "setgroups"}},
      {"filters of its own: user notification lets a process answer another's system calls", {"seccomp"}},
  };
}

}  // namespace mcpo::seccomp
