#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <initializer_list>

#include "../core/backend.h"
#include "syscalls.h"

namespace mcpo {
namespace {
// glibc before 2.36 does not name it.
constexpr idtype_t kPidfd = static_cast<idtype_t>(3);
}  // namespace

void Abandon(const Child& child) {
  for (const int fd : {child.pidfd, child.status, child.lifeline, child.step, child.refusals}) {
    if (fd >= 0) close(fd);
  }
}

void EndAndClose(int guard) {
  // Killed, so the wait is short; without it a zombie would stay as long as the gateway. One that was reaped
  // is gone for both calls.
  sys::PidfdSendSignal(guard, SIGKILL);
  waitid(kPidfd, static_cast<id_t>(guard), nullptr, WEXITED);
  close(guard);
}

Failure Reap(int pidfd, Ending& ending) {
  siginfo_t info{};
  if (waitid(kPidfd, static_cast<id_t>(pidfd), &info, WEXITED | WNOHANG) != 0) return {"waitid", errno};
  if (info.si_pid == 0) return {};
  ending.running = false;
  ending.pid = info.si_pid;
  (info.si_code == CLD_EXITED ? ending.code : ending.signal) = info.si_status;
  return {};
}

// One pass of the kernel over its processes, instead of a look at each of them in /proc.
bool HasProcesses(std::uint32_t uid) {
  errno = 0;
  return getpriority(PRIO_USER, uid) != -1 || errno != ESRCH;
}

bool IsTerminal(int fd) {
  return isatty(fd) == 1;
}

Failure SendSignal(int pidfd, int signal) {
  if (sys::PidfdSendSignal(pidfd, signal) != 0) return {"pidfd_send_signal", errno};
  return {};
}

}  // namespace mcpo
