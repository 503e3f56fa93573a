#include "network_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "../descriptors.h"
#include "layers.h"
#include "network.h"
#include "process.h"
#include "report.h"

namespace mcpo {
namespace {

const char* const kStep = "namespaces";
constexpr char kNetwork = 'n';

[[noreturn]] void MakeNetwork(const Fd& userNamespace, int inside) {
  DieWithParent();
  if (setns(userNamespace.get(), CLONE_NEWUSER) != 0 || unshare(CLONE_NEWNET) != 0 || !RaiseLoopback())
    _exit(1);
  const Fd made(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  const int descriptor = made.get();
  _exit(made && PassDescriptors(inside, kNetwork, &descriptor, 1) ? 0 : 1);
}

}  // namespace

bool IsNetworkMadeBeside(const Plan& plan) {
  return layers::Has(Layer::kNetworkNamespace) && plan.userNamespace && !plan.shareNetwork;
}

Fd OpenUserNamespace(pid_t pid) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", static_cast<int>(pid));
  return Fd(Require(open(path, O_RDONLY | O_CLOEXEC), kStep, path));
}

pid_t StartNetworkMaker(const Fd& userNamespace, int inside) {
  const pid_t maker = Require(fork(), kStep, "fork");
  if (maker == 0) MakeNetwork(userNamespace, inside);
  return maker;
}

void WaitForNetworkMaker(pid_t maker, int inside) {
  int status = 0;
  while (waitpid(maker, &status, 0) < 0) {
    if (errno != EINTR) Fail(kStep, "network");
  }
  if (status == 0 || PassDescriptors(inside, kNetwork, nullptr, 0) || IsFromClosedEnd(errno)) return;
  Fail(kStep, "network");
}

void EnterNetworkNamespace(int outer) {
  Passed passed;
  // Without an answer the outer process is gone, and has said why.
  if (TakePassed(outer, passed, 0) != 1) _exit(1);
  if (passed.byte != kNetwork || passed.count > 1) FailWith(kStep, EPROTO, "network");
  const Fd made(passed.count == 1 ? passed.descriptors[0] : -1);
  if (made && setns(made.get(), CLONE_NEWNET) == 0) return;
  Require(unshare(CLONE_NEWNET), kStep, "network");
  BringLoopbackUp();
}

}  // namespace mcpo
