// What a server may call depending on the arguments. A filter sees registers only: what a pointer leads to is
// not judged.
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <utility>

#include "policy.h"
#include "prctl_rule.h"

namespace mcpo::seccomp {
namespace {

constexpr uint32_t kWholeInt = 0xffffffff;
constexpr uint32_t kMinusOne = 0xffffffff;
constexpr uint32_t kInsideId = 1000;  // the one uid and gid that exist inside
constexpr Verdict kDeny = Errno(EPERM);

constexpr uint32_t kSetId = S_ISUID | S_ISGID;
constexpr uint32_t kCreates = O_CREAT | 020000000;  // __O_TMPFILE; O_TMPFILE itself holds O_DIRECTORY too
constexpr uint32_t kNewTime = 0x00000080;           // CLONE_NEWTIME
constexpr uint32_t kNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                 CLONE_NEWPID | CLONE_NEWNET | kNewTime;
constexpr uint32_t kRareFlags = 0x20000000 | 0x1;  // MSG_FASTOPEN, MSG_OOB
constexpr uint32_t kSocketType = 0xf;              // without SOCK_CLOEXEC and SOCK_NONBLOCK

// As on every architecture of ours; 32-bit forms too, which the kernel takes from 64-bit programs on some
// file systems.
constexpr uint32_t kTiocexcl = 0x540c, kTiocsti = 0x5412, kTioclinux = 0x541c, kTioccons = 0x541d,
                   kTiocsetd = 0x5423;
constexpr uint32_t kSetFlags = 0x40086602, kSetFlags32 = 0x40046602, kFsSetXattr = 0x401c5820;
constexpr uint32_t kEnableVerity = 0x40806685;
constexpr uint32_t kSetVersion = 0x40087602, kSetVersion32 = 0x40047602;
constexpr uint32_t kSetEncryptionPolicy = 0x800c6613, kAddEncryptionKey = 0xc0506617;
// What the host's disks are called, for good: their ids (ext4's own way too), labels and folders in /sys.
constexpr uint32_t kGetDiskId = 0x80111500, kGetDiskIdOfExt4 = 0x8008662c, kGetDiskLabel = 0x81009431,
                   kGetDiskFolder = 0x80811501;
// The byte that names a family of ioctls: nsfs, and the descriptor of a process (getsockopt gives the
// gateway's).
constexpr uint32_t kIoctlFamily = 0xff00, kNamespaceFamily = 0xb700, kProcessFamily = 0xff00;

// F_SETLEASE, and F_SETDELEG of Linux 6.19.
constexpr uint32_t kSetLease = 1024, kSetDelegation = 1040;

constexpr uint32_t kIoProcess = 1, kIoUser = 3;  // IOPRIO_WHO_PROCESS, IOPRIO_WHO_USER

constexpr uint32_t kWhiteout = 4;  // RENAME_WHITEOUT

constexpr uint32_t kAttachFilter = 26, kAttachBpf = 50, kAttachReuseportFilter = 51, kAttachReuseportBpf = 52;
constexpr uint32_t kTcpRepair = 19, kTcpUlp = 31, kUdpEncap = 100;

Rule AllowIf(std::vector<Test> tests) {
  return {{{std::move(tests), kAllow}}, kDeny};
}

Rule PlainMode(uint32_t mode) {
  return AllowIf({{mode, kSetId, {0}}});
}

// The mode counts only where the flags make a file: otherwise its register holds whatever it held.
Rule PlainModeIfCreating(uint32_t flags, uint32_t mode) {
  const Clause opens = {{{flags, kCreates, {0}}}, kAllow};
  const Clause plain = {{{mode, kSetId, {0}}}, kAllow};
  return {{opens, plain}, kDeny};
}

// No type at all means a regular file.
Rule NoDevice(uint32_t mode) {
  return AllowIf({{mode, S_IFMT | kSetId, {0, S_IFREG, S_IFIFO, S_IFSOCK}}});
}

Rule PlainSending(uint32_t flags) {
  return AllowIf({{flags, kRareFlags, {0}}});
}

Rule OwnIds(uint32_t count) {
  std::vector<Test> tests;
  for (uint32_t id = 0; id < count; id++) tests.push_back({id, kWholeInt, {kInsideId, kMinusOne}});
  return AllowIf(std::move(tests));
}

Rule Sockets() {
  const Clause local = {{{0, kWholeInt, {AF_UNIX}}}, kAllow};
  const Clause internet = {{{0, kWholeInt, {AF_INET, AF_INET6}},
                            {1, kSocketType, {SOCK_STREAM, SOCK_DGRAM}},
                            {2, kWholeInt, {IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP}}},
                           kAllow};
  const Clause route = {{{0, kWholeInt, {AF_NETLINK}}, {2, kWholeInt, {NETLINK_ROUTE}}}, kAllow};
  return {{local, internet, route}, kDeny};
}

Rule SocketOptions() {
  const std::vector<uint32_t> programs = {kAttachFilter, kAttachBpf, kAttachReuseportFilter,
                                          kAttachReuseportBpf};
  const Clause attach = {{{1, kWholeInt, {SOL_SOCKET}}, {2, kWholeInt, programs}}, kDeny};
  const Clause protocol = {{{1, kWholeInt, {IPPROTO_TCP}}, {2, kWholeInt, {kTcpRepair, kTcpUlp}}}, kDeny};
  const Clause encapsulation = {{{1, kWholeInt, {IPPROTO_UDP}}, {2, kWholeInt, {kUdpEncap}}}, kDeny};
  return {{attach, protocol, encapsulation}, kAllow};
}

Rule DeviceControl() {
  const Clause denied = {{{1,
                           kWholeInt,
                           {kTiocexcl, kTiocsti, kTioclinux, kTioccons, kTiocsetd, kSetFlags, kSetFlags32,
                            kFsSetXattr, kEnableVerity, kSetVersion, kSetVersion32, kSetEncryptionPolicy,
                            kAddEncryptionKey, kGetDiskId, kGetDiskIdOfExt4, kGetDiskLabel, kGetDiskFolder}}},
                         kDeny};
  const Clause families = {{{1, kIoctlFamily, {kNamespaceFamily, kProcessFamily}}}, kDeny};
  return {{denied, families}, kAllow};
}

// Pid 1 of the sandbox holds limits by looking, and so needs its share of the processor.
Rule NotOfInit() {
  return {{{{{0, kWholeInt, {1}}}, kDeny}}, kAllow};
}

// By a process, a group (pid 1 is in none of theirs), or all of a user, pid 1 among them.
Rule NotOfInit(uint32_t process, uint32_t user) {
  const Clause init = {{{0, kWholeInt, {process}}, {1, kWholeInt, {1}}}, kDeny};
  const Clause all = {{{0, kWholeInt, {user}}}, kDeny};
  return {{init, all}, kAllow};
}

Rule NoLeases() {
  return {{{{{1, kWholeInt, {kSetLease, kSetDelegation}}}, kDeny}}, kAllow};
}

// Its own limits, or only reading those of others: pid is an int, the new limit a pointer.
Rule Limits() {
  const Clause own = {{{0, kWholeInt, {0}}}, kAllow};
  const Clause reads = {{{2, kWholeInt, {0}, true}}, kAllow};
  return {{own, reads}, kDeny};
}

}  // namespace

std::vector<RuledGroup> ServerRuled() {
  constexpr std::string_view kNoSetIdFile = "no set-user-id or set-group-id file is left for the host";
  constexpr std::string_view kNoDevice = "mkfifo and plain files; no devices, no set-user-id bits";
  constexpr std::string_view kPlainSending =
      "no connection past connect(2) (MSG_FASTOPEN), no urgent bytes, a corner of the kernel for nobody "
      "(MSG_OOB)";
  constexpr std::string_view kOwnScheduling = "within RLIMIT_NICE and RLIMIT_RTPRIO, and not that of pid 1";
  constexpr std::string_view kOwnIds = "for programs that become who they are already";
  return {
      {"threads and children, no namespaces", {"clone"}, AllowIf({{0, kNamespaces, {0}}})},
      {kNoSetIdFile, {"open"}, PlainModeIfCreating(1, 2)},
      {kNoSetIdFile, {"openat"}, PlainModeIfCreating(2, 3)},
      {kNoSetIdFile, {"chmod", "creat", "fchmod"}, PlainMode(1)},
      {kNoSetIdFile, {"fchmodat", "fchmodat2"}, PlainMode(2)},
      {"no set-group-id folder, whose group its files would inherit", {"mkdir"}, PlainMode(1)},
      {"no set-group-id folder, whose group its files would inherit", {"mkdirat"}, PlainMode(2)},
      {kNoDevice, {"mknod"}, NoDevice(1)},
      {kNoDevice, {"mknodat"}, NoDevice(2)},
      {"local, TCP and UDP; of netlink only routes (os.networkInterfaces): no vsock, raw, packet, MPTCP, "
       "SCTP, AF_ALG",
       {"socket"},
       Sockets()},
      {"local: libuv's pipes to child processes", {"socketpair"}, AllowIf({{0, kWholeInt, {AF_UNIX}}})},
      {kPlainSending, {"sendmsg"}, PlainSending(2)},
      {kPlainSending, {"sendmmsg", "sendto"}, PlainSending(3)},
      {"no programs for the kernel to run on packets, no protocols stacked on TCP (kTLS and what modules "
       "bring)",
       {"setsockopt"},
       SocketOptions()},
      {"no whiteout, a device node that hides a file from an overlay of the host",
       {"renameat2"},
       AllowIf({{4, kWhiteout, {0}}})},
      {"no typing into a terminal (TIOCSTI, TIOCLINUX) nor keeping it (TIOCEXCL), no console, no line "
       "disciplines, no inode flags, "
       "generations or keys, nothing about namespaces, no names of disks",
       {"ioctl"},
       DeviceControl()},
      {"no leases: whoever opens the file outside, though it is granted read-only, would wait for 45 seconds",
       {"fcntl"},
       NoLeases()},
      {kOwnScheduling,
       {"sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler"},
       NotOfInit()},
      {kOwnScheduling, {"setpriority"}, NotOfInit(PRIO_PROCESS, PRIO_USER)},
      {kOwnScheduling, {"ioprio_set"}, NotOfInit(kIoProcess, kIoUser)},
      {"asking, and the plain one: no READ_IMPLIES_EXEC, no fixed addresses",
       {"personality"},
       AllowIf({{0, kWholeInt, {0, kMinusOne}}})},
      {"harmless options; EPERM for dangerous ones, EINVAL for unknown ones", {"prctl"}, ProcessControl()},
      {"its own limits; others' to read", {"prlimit64"}, Limits()},
      {kOwnIds, {"setgid", "setuid"}, OwnIds(1)},
      {kOwnIds, {"setregid", "setreuid"}, OwnIds(2)},
      {kOwnIds, {"setresgid", "setresuid"}, OwnIds(3)},
  };
}

}  // namespace mcpo::seccomp
