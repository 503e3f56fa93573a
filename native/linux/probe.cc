#include <linux/seccomp.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <cerrno>

#include "../core/backend.h"
#include "fd.h"
#include "syscalls.h"
#include "told/listener.h"

namespace mcpo {
namespace {

int LandlockAbi() {
  constexpr unsigned kVersion = 1;
  const long abi = syscall(sys::kLandlockCreateRuleset, nullptr, 0, kVersion);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

bool HasSeccompFilter() {
  const unsigned action = SECCOMP_RET_KILL_PROCESS;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0u, &action) == 0;
}

bool HasUserNotification() {
  const unsigned action = SECCOMP_RET_USER_NOTIF;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0u, &action) == 0 && told::FitsKernel();
}

bool HasPidfd() {
  return static_cast<bool>(Fd(sys::PidfdOpen(getpid())));
}

// Id-mapped mounts came with the call itself (5.12); whether a file system takes part shows only when it is
// tried.
bool HasIdmappedMounts() {
  sys::MountAttributes attributes{};
  attributes.set = sys::kMountIdmap;
  return sys::MountSetattr(-1, 0, attributes) == 0 || errno != ENOSYS;
}

}  // namespace

Probe ProbeHost() {
  Probe probe;
  utsname name{};
  if (uname(&name) == 0) probe.kernel = name.release;
  probe.landlockAbi = LandlockAbi();
  probe.seccompFilter = HasSeccompFilter();
  probe.userNotification = HasUserNotification();
  probe.pidfd = HasPidfd();
  probe.idmappedMounts = HasIdmappedMounts();
  return probe;
}

double WrittenMs(const char* path) {
  struct stat facts{};
  if (stat(path, &facts) != 0) return -1;
  return static_cast<double>(facts.st_mtim.tv_sec) * 1000 + static_cast<double>(facts.st_mtim.tv_nsec) / 1e6;
}

}  // namespace mcpo
