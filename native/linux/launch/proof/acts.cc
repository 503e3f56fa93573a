#include "acts.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "../../fd.h"
#include "../network.h"
#include "../report.h"
#include "../seccomp.h"
#include "host.h"

namespace mcpo {
namespace {

// Whatever errno: several walls refuse, and which of them is asked first is the kernel's business.
constexpr int kAny = 0;
constexpr long kNowhere = -1;

long OpenAndClose(const char* path, int flags) {
  const Fd file(open(path, flags | O_CLOEXEC));
  return file ? 0 : -1;
}

long NewUserNamespace() {
  return UnheardCall(SYS_unshare, CLONE_NEWUSER);
}
long NewInterfaceOfClone() {
  return UnheardCall(SYS_clone3);
}
// Without a type there is nothing to mount; a path that is not there would be found out before the right to.
long Mount() {
  return UnheardCall(SYS_mount, 0, reinterpret_cast<long>("/"));
}
long TraceInit() {
  return UnheardCall(SYS_ptrace, PTRACE_SEIZE, 1);
}
long ReadInit() {
  return OpenAndClose("/proc/1/mem", O_RDONLY);
}
long RootOfInit() {
  return OpenAndClose("/proc/1/root", O_PATH);
}
long SignalInit() {
  return kill(1, 0);
}
long WriteSetting() {
  return OpenAndClose("/proc/sys/kernel/core_pattern", O_WRONLY);
}
// Id of the session keyring, which is not made where there is none.
long Keyring() {
  return UnheardCall(SYS_keyctl, 0, -3);
}
long Bpf() {
  return UnheardCall(SYS_bpf, kNowhere);
}
long Ring() {
  return UnheardCall(SYS_io_uring_setup);
}
long FileByHandle() {
  return UnheardCall(SYS_open_by_handle_at, kNowhere);
}
long SetuidBit() {
  return UnheardCall(SYS_fchmod, kNowhere, 04755);
}
long BecomeRoot() {
  return UnheardCall(SYS_setresuid, 0, 0, 0);
}

long MachineSocket() {
  const Fd vsock(static_cast<int>(UnheardCall(SYS_socket, AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC)));
  return vsock ? 0 : -1;
}

struct Act {
  const char* name;
  long (*attempt)();
  int expected;
  // What a filter around the gateway says instead, which is asked before ours: RestrictAddressFamilies= of a
  // unit. 0: the same.
  int expectedOfOthers = 0;
};

constexpr Act kAlways[] = {
    {"new-user-namespace", NewUserNamespace, EPERM},
    {"clone3", NewInterfaceOfClone, ENOSYS},
    {"mount", Mount, EPERM},
    {"trace-init", TraceInit, EPERM},
    {"read-init", ReadInit, EACCES},
    {"root-of-init", RootOfInit, EACCES},
    {"write-setting", WriteSetting, kAny},
    {"keyring", Keyring, EPERM},
    {"bpf", Bpf, EPERM},
    {"io-uring", Ring, EPERM},
    {"file-by-handle", FileByHandle, EPERM},
    {"setuid-bit", SetuidBit, EPERM},
    {"machine-socket", MachineSocket, EPERM, EAFNOSUPPORT},
    {"become-root", BecomeRoot, kAny},
};
constexpr Act kSignalInit = {"signal-init", SignalInit, EPERM};
constexpr Act kReachOut = {"reach-out", ReachOut, ENETUNREACH};

// LANDLOCK_SCOPE_SIGNAL
constexpr std::uint64_t kScopeSignal = 1u << 1;

bool IsExpected(const Act& act, int error) {
  if (act.expected == kAny || error == act.expected) return true;
  return host.isFiltered && act.expectedOfOthers != 0 && error == act.expectedOfOthers;
}

void Try(const Act& act, Facts& facts) {
  const bool refused = act.attempt() < 0;
  const int error = errno;
  char name[64];
  snprintf(name, sizeof name, "refused.%s", act.name);
  if (!refused) Mismatch(act.name, "was allowed");
  if (!IsExpected(act, error)) FailWith("self-check", error, act.name);
  facts.AddNumber(name, static_cast<unsigned long>(error));
}

}  // namespace

void TryForbiddenActs(const Plan& plan, Facts& facts) {
  for (const Act& act : kAlways) Try(act, facts);
  if (plan.landlock.enabled && (plan.landlock.scoped & kScopeSignal) != 0) Try(kSignalInit, facts);
  if (!plan.shareNetwork) Try(kReachOut, facts);
}

}  // namespace mcpo
