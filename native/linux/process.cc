#include <sys/wait.h>

#include <cerrno>

#include "../core/backend.h"
#include "syscalls.h"

namespace mcpo {
namespace {
// glibc before 2.36 does not name it.
constexpr idtype_t kPidfd = static_cast<idtype_t>(3);
}  // namespace

Failure Reap(int pidfd, Ending& ending) {
  siginfo_t info{};
  if (waitid(kPidfd, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG) != 0) return {"waitid", errno};
  if (info.si_pid == 0) return {};
  ending.running = false;
  (info.si_code == CLD_EXITED ? ending.code : ending.signal) = info.si_status;
  return {};
}

Failure SendSignal(int pidfd, int signal) {
  if (sys::PidfdSendSignal(pidfd, signal) != 0) return {"pidfd_send_signal", errno};
  return {};
}

}  // namespace mcpo
