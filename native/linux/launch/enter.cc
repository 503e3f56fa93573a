#include "enter.h"

#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "../fd.h"
#include "../launch_fds.h"
#include "../syscalls.h"
#include "egress.h"
#include "network.h"
#include "proof/facts.h"
#include "report.h"

namespace mcpo {
namespace {

const char* const kStep = "enter";

ino_t NetworkNamespace() {
  struct stat facts{};
  Require(stat("/proc/self/ns/net", &facts), kStep, "/proc/self/ns/net");
  return facts.st_ino;
}

// In the user namespace an ordinary user has the rights that he lacks outside; a container of root's has none
// of its own, and EINVAL says that we are in it already.
void EnterNamespaces(int process) {
  const ino_t before = NetworkNamespace();
  if (setns(process, CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    if (errno != EINVAL) Fail(kStep, "user and network namespace");
    Require(setns(process, CLONE_NEWNET), kStep, "network namespace");
  }
  if (NetworkNamespace() == before) FailWith(kStep, EEXIST, "its network is the gateway's own");
}

// What leaves by itself would pass by the gateway.
void ProveNoRoute(Facts& facts) {
  if (ReachOut() == 0) FailWith(kStep, EEXIST, "its network has a route");
  const int error = errno;
  if (error != ENETUNREACH) FailWith(kStep, error, "route");
  facts.AddNumber("refused.reach-out", static_cast<unsigned long>(error));
}

void WaitForGateway() {
  pollfd lifeline{kLifelineFd, POLLIN, 0};
  while (poll(&lifeline, 1, -1) < 0 && errno == EINTR) {
  }
}

}  // namespace

int RunEntered(const Plan& plan) {
  const Fd process(Require(sys::PidfdOpen(static_cast<int>(plan.enteredPid)), kStep, "process"));
  EnterNamespaces(process.get());
  Facts facts;
  ProveNoRoute(facts);
  BringLoopbackUp();
  OpenEgress(plan.egress);
  ReportReady(facts.text());
  WaitForGateway();
  return 0;
}

void HoldNamespaces() {
  for (;;) pause();
}

}  // namespace mcpo
