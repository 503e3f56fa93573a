#include "helper.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "../descriptors.h"
#include "counts.h"
#include "layers.h"
#include "network.h"
#include "process.h"
#include "report.h"

namespace mcpo {
namespace {

const char* const kStep = "namespaces";
constexpr char kNetwork = 'n';

// A filter around us that lets nobody change namespaces may yet let us have new ones with a new process.
bool MayChangeNamespaces() {
  static const bool may = unshare(0) == 0 && setns(-1, 0) != 0 && errno == EBADF;
  return may;
}

// A change of user namespaces takes away the signal of the parent's death.
[[noreturn]] void Help(const Fd& userNamespace, int inside) {
  DieWithParent();
  if (setns(userNamespace.get(), CLONE_NEWUSER) != 0 || unshare(CLONE_NEWNET) != 0) _exit(1);
  DieWithParent();
  if (!RaiseLoopback()) _exit(1);
  const Fd network(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!network) _exit(1);
  LimitCounts();
  const int descriptor = network.get();
  _exit(PassDescriptors(inside, kNetwork, &descriptor, 1) ? 0 : 1);
}

}  // namespace

bool HasHelper(const Plan& plan) {
  return layers::Has(Layer::kNetworkNamespace) && plan.userNamespace && !plan.shareNetwork &&
         MayChangeNamespaces();
}

Fd OpenUserNamespace(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", static_cast<int>(pid));
  return Fd(Require(open(path, O_RDONLY | O_CLOEXEC), kStep, path));
}

pid_t StartHelper(const Fd& userNamespace, int inside) {
  const pid_t helper = Require(fork(), kStep, "fork");
  if (helper == 0) Help(userNamespace, inside);
  return helper;
}

void WaitForHelper(pid_t helper, int inside) {
  int status = 0;
  while (waitpid(helper, &status, 0) < 0) {
    if (errno != EINTR) Fail(kStep, "helper");
  }
  if (status == 0 || PassDescriptors(inside, kNetwork, nullptr, 0) || IsFromClosedEnd(errno)) return;
  Fail(kStep, "helper");
}

void TakeHelp(int outer) {
  Passed passed;
  // Without an answer the outer process is gone, and has said why.
  if (TakePassed(outer, passed, 0) != 1) _exit(1);
  if (passed.byte != kNetwork || passed.count > 1) FailWith(kStep, EPROTO, "helper");
  const Fd network(passed.count == 1 ? passed.descriptors[0] : -1);
  if (network && setns(network.get(), CLONE_NEWNET) == 0) return;
  Require(unshare(CLONE_NEWNET), kStep, "network");
  BringLoopbackUp();
  LimitCounts();
}

}  // namespace mcpo
