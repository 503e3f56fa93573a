#include "seccomp_reference.h"

#include <errno.h>
#include <linux/audit.h>

#include <algorithm>
#include <set>
#include <string_view>

namespace mcpo::test {
namespace {

using seccomp::Arch;
using seccomp::Verdict;
using Names = std::set<std::string_view>;

// Written as numbers and masks, not with the names that the policy uses, so that a wrong constant shows.
bool MakesNamespace(uint32_t flags) {
  for (const uint32_t bit :
       {0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x80}) {
    if (flags & bit) return true;
  }
  return false;
}

bool HasSetIdBits(uint32_t mode) {
  return (mode & 04000) != 0 || (mode & 02000) != 0;
}
bool OpensFile(uint32_t flags, uint32_t mode) {
  const bool creates = (flags & 0100) != 0 || (flags & 020000000) != 0;
  return !creates || !HasSetIdBits(mode);
}
bool IsPlainNode(uint32_t mode) {
  const std::set<uint32_t> plain = {0, 1, 8, 12};  // none, FIFO, regular file, socket
  return plain.contains(mode >> 12 & 0xf) && !HasSetIdBits(mode);
}
bool IsOwn(uint32_t id) {
  return id == 1000 || id == UINT32_MAX;
}
bool IsRareSending(uint32_t flags) {
  return ((flags >> 29) & 1) != 0 || (flags & 1) != 0;
}

bool SocketAllowed(uint32_t family, uint32_t type, uint32_t protocol) {
  if (family == 1) return true;
  if (family == 16) return protocol == 0;
  if (family != 2 && family != 10) return false;
  const uint32_t kind = type % 16;
  return (kind == 1 || kind == 2) && (protocol == 0 || protocol == 6 || protocol == 17);
}

bool ControlAllowed(uint32_t request) {
  const std::set<uint32_t> denied = {0x540c,     0x5412,     0x541c,     0x541d,     0x5423,     0x40086602,
                                     0x40046602, 0x401c5820, 0x40806685, 0x40087602, 0x40047602, 0x800c6613,
                                     0xc0506617, 0x80111500, 0x8008662c, 0x81009431, 0x80811501};
  const uint32_t family = request >> 8 & 0xff;
  return !denied.contains(request) && family != 0xb7 && family != 0xff;
}

bool OptionAllowed(uint32_t level, uint32_t option) {
  if (level == 1) return option != 26 && (option < 50 || option > 52);
  if (level == 17) return option != 100;
  return level != 6 || (option != 19 && option != 31);
}

Verdict ProcessControl(uint32_t option) {
  if (std::set<uint32_t>{22, 31, 32, 33, 35, 57, 59, 62}.contains(option)) return seccomp::Errno(EPERM);
  const std::set<uint32_t> harmless = {1,  2,  3,  4,  7,  8,  13, 14,         15,        16, 21, 23,
                                       24, 25, 26, 27, 28, 29, 30, 34,         36,        37, 38, 39,
                                       40, 41, 42, 47, 50, 51, 52, 53,         54,        55, 56, 60,
                                       61, 63, 64, 65, 66, 67, 68, 0x53564d41, 0x59616d61};
  return harmless.contains(option) ? seccomp::kAllow : seccomp::Errno(EINVAL);
}

Verdict AllowedIf(bool holds) {
  return holds ? seccomp::kAllow : seccomp::Errno(EPERM);
}

Verdict ByArguments(std::string_view name, const uint64_t (&wide)[6]) {
  uint32_t a[6];
  std::ranges::transform(wide, a, [](uint64_t argument) { return static_cast<uint32_t>(argument); });
  if (name == "clone") return AllowedIf(!MakesNamespace(a[0]));
  if (name == "open") return AllowedIf(OpensFile(a[1], a[2]));
  if (name == "openat") return AllowedIf(OpensFile(a[2], a[3]));
  if (Names{"chmod", "creat", "fchmod", "mkdir"}.contains(name)) return AllowedIf(!HasSetIdBits(a[1]));
  if (Names{"fchmodat", "fchmodat2", "mkdirat"}.contains(name)) return AllowedIf(!HasSetIdBits(a[2]));
  if (name == "mknod") return AllowedIf(IsPlainNode(a[1]));
  if (name == "mknodat") return AllowedIf(IsPlainNode(a[2]));
  if (name == "socket") return AllowedIf(SocketAllowed(a[0], a[1], a[2]));
  if (name == "socketpair") return AllowedIf(a[0] == 1);
  if (name == "sendmsg") return AllowedIf(!IsRareSending(a[2]));
  if (name == "sendto" || name == "sendmmsg") return AllowedIf(!IsRareSending(a[3]));
  if (name == "setsockopt") return AllowedIf(OptionAllowed(a[1], a[2]));
  if (name == "renameat2") return AllowedIf((a[4] & 4) == 0);
  if (name == "ioctl") return AllowedIf(ControlAllowed(a[1]));
  if (Names{"sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler"}.contains(name))
    return AllowedIf(a[0] != 1);
  if (name == "setpriority") return AllowedIf(a[0] != 2 && (a[0] != 0 || a[1] != 1));
  if (name == "ioprio_set") return AllowedIf(a[0] != 3 && (a[0] != 1 || a[1] != 1));
  if (name == "fcntl") return AllowedIf(a[1] != 1024 && a[1] != 1040);
  if (name == "personality") return AllowedIf(a[0] == 0 || a[0] == UINT32_MAX);
  if (name == "prctl") return ProcessControl(a[0]);
  if (name == "prlimit64") return AllowedIf(a[0] == 0 || wide[2] == 0);
  if (name == "setuid" || name == "setgid") return AllowedIf(IsOwn(a[0]));
  if (name == "setreuid" || name == "setregid") return AllowedIf(IsOwn(a[0]) && IsOwn(a[1]));
  if (name == "setresuid" || name == "setresgid") return AllowedIf(IsOwn(a[0]) && IsOwn(a[1]) && IsOwn(a[2]));
  return seccomp::kKill;  // a rule that this reference does not know: the comparison fails
}

template <typename Groups>
Names NamesOf(const Groups& groups) {
  Names names;
  for (const auto& group : groups) names.insert(group.names.begin(), group.names.end());
  return names;
}

std::string_view NameOf(Arch arch, uint32_t number) {
  for (const seccomp::Syscall& call : seccomp::Syscalls()) {
    const int32_t candidate = arch == Arch::kX86_64 ? call.x86_64 : call.aarch64;
    if (candidate >= 0 && static_cast<uint32_t>(candidate) == number) return call.name;
  }
  return {};
}

}  // namespace

Verdict Expected(Arch arch, const seccomp_data& call) {
  static const Names allowed = NamesOf(seccomp::ServerAllowed());
  static const Names denied = NamesOf(seccomp::ServerDenied());
  static const Names ruled = NamesOf(seccomp::ServerRuled());
  if (call.arch != (arch == Arch::kX86_64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64)) return seccomp::kKill;
  if (arch == Arch::kX86_64 && (call.nr & 0x40000000) && call.nr != -1) return seccomp::kKill;
  if (arch == Arch::kX86_64 && call.nr < -1) return seccomp::kKill;
  const std::string_view name = NameOf(arch, static_cast<uint32_t>(call.nr));
  uint64_t arguments[6];
  std::copy(std::begin(call.args), std::end(call.args), arguments);
  if (ruled.contains(name)) return ByArguments(name, arguments);
  if (allowed.contains(name)) return seccomp::kAllow;
  return seccomp::Errno(denied.contains(name) ? EPERM : ENOSYS);
}

}  // namespace mcpo::test
