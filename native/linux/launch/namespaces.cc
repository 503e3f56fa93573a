#include "namespaces.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "layers.h"
#include "report.h"

namespace mcpo {
namespace {

constexpr int kAlways = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWCGROUP |
                        (layers::kPidNamespace ? CLONE_NEWPID : 0) |
                        (layers::kIpcNamespace ? CLONE_NEWIPC : 0);

pid_t Clone(int flags, int* pidfd) {
  return static_cast<pid_t>(syscall(SYS_clone, flags | SIGCHLD, nullptr, pidfd, nullptr, nullptr));
}

// Which of them the kernel refused: without a user namespace there are none of the others.
[[noreturn]] void FailNaming(const Plan& plan, int error) {
  if (!plan.userNamespace) FailWith("namespaces", error);
  const pid_t probe = Clone(CLONE_NEWUSER, nullptr);
  if (probe == 0) _exit(0);
  if (probe < 0) FailWith("user-namespace", errno);
  waitpid(probe, nullptr, 0);
  FailWith("namespaces", error);
}

}  // namespace

pid_t CloneIntoNamespaces(const Plan& plan, int& pidfd) {
  const int user = plan.userNamespace ? CLONE_NEWUSER : 0;
  const int network = plan.shareNetwork || !layers::kNetworkNamespace ? 0 : CLONE_NEWNET;
  const pid_t pid = Clone(kAlways | user | network | CLONE_PIDFD, &pidfd);
  if (pid < 0) FailNaming(plan, errno);
  return pid;
}

}  // namespace mcpo
