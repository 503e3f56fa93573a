#include "namespaces.h"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "helper.h"
#include "layers.h"
#include "report.h"

namespace mcpo {
namespace {

int If(bool isWanted, int flag) {
  return isWanted ? flag : 0;
}

int FlagsOf(const Plan& plan) {
  using layers::Has;
  return CLONE_NEWNS | If(plan.userNamespace, CLONE_NEWUSER) | If(Has(Layer::kPidNamespace), CLONE_NEWPID) |
         If(Has(Layer::kIpcNamespace), CLONE_NEWIPC) | If(Has(Layer::kUtsNamespace), CLONE_NEWUTS) |
         If(Has(Layer::kCgroupNamespace), CLONE_NEWCGROUP) |
         If(Has(Layer::kNetworkNamespace) && !plan.shareNetwork && !HasHelper(plan), CLONE_NEWNET);
}

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
  const pid_t pid = Clone(FlagsOf(plan) | CLONE_PIDFD, &pidfd);
  if (pid < 0) FailNaming(plan, errno);
  return pid;
}

}  // namespace mcpo
