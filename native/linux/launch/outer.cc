#include "outer.h"

#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "../descriptors.h"
#include "../fd.h"
#include "../launch_fds.h"
#include "../syscalls.h"
#include "guards.h"
#include "helper.h"
#include "ids.h"
#include "inside.h"
#include "namespaces.h"
#include "process.h"
#include "proof/proof.h"
#include "report.h"
#include "sources.h"

namespace mcpo {
namespace {

// Only root can give the sandbox an id other than its own; and root never runs one under its own.
void CheckIds(const Plan& plan) {
  const bool root = geteuid() == 0;
  if (root != plan.hasHostUid)
    FailWith("ids", EPERM, root ? "root needs a host uid" : "only root may choose one");
  if (plan.hasHostUid && plan.hostUid == 0) FailWith("ids", EPERM, "host uid 0");
  if (!plan.userNamespace && !root) FailWith("ids", EPERM, "only root does without a user namespace");
}

void PrepareAsRoot(const Plan& plan) {
  OpenSourcesOnHost(plan);
  Require(setgroups(0, nullptr), "groups");
}

struct Inner {
  pid_t pid;
  Fd pidfd;
  // Held until the end: its other end tells pid 1 that this process lives.
  Fd go;
};

Inner StartInner(const Plan& plan) {
  int ends[2];
  Require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "namespaces", "socketpair");
  Fd wait(ends[0]);
  Fd go(ends[1]);
  int pidfd = -1;
  const pid_t pid = CloneIntoNamespaces(plan, pidfd);
  if (pid == 0) {
    go.Close();
    RunInside(plan, wait.Release());
  }
  return {pid, Fd(pidfd), static_cast<Fd&&>(go)};
}

// Of one that has ended WaitForEnd tells how.
void LetGoOn(const Inner& inner) {
  if (send(inner.go.get(), "", 1, MSG_NOSIGNAL) == 1 || IsFromClosedEnd(errno)) return;
  Fail("namespaces", "go");
}

// The process that helps it; 0: there is none.
pid_t LetBuild(const Plan& plan, const Inner& inner) {
  if (!HasHelper(plan)) {
    LetGoOn(inner);
    return 0;
  }
  const Fd userNamespace = OpenUserNamespace(inner.pid);
  LetGoOn(inner);
  return StartHelper(userNamespace, inner.go.get());
}

void SendSignalAndWait(const Inner& inner, int& status) {
  sys::PidfdSendSignal(inner.pidfd.get(), SIGKILL);
  while (waitpid(inner.pid, &status, 0) < 0 && errno == EINTR) {
  }
}

// Pid 1 watches the lifeline as well; this is for one that is stuck in the file system of a dead server.
int WaitForEnd(const Inner& inner) {
  pollfd watched[2] = {{inner.pidfd.get(), POLLIN, 0}, {kLifelineFd, 0, 0}};
  while (poll(watched, 2, -1) < 0 && errno == EINTR) {
  }
  int status = 0;
  SendSignalAndWait(inner, status);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int RunOuter(const Plan& plan) {
  CheckIds(plan);
  if (plan.hasHostUid) PrepareAsRoot(plan);
  TakeGuardedNames(plan);
  const unsigned hostUid = plan.hasHostUid ? plan.hostUid : getuid();
  const unsigned hostGid = plan.hasHostUid ? plan.hostUid : getgid();
  RememberHost();
  const Inner inner = StartInner(plan);
  if (plan.userNamespace) WriteIdMaps(inner.pid, InsideId(), hostUid, InsideId(), hostGid);
  const pid_t helper = LetBuild(plan, inner);
  if (plan.hasHostUid) DropToHostUid(hostUid);
  DieWithParent();
  HideFromPeers();
  if (helper != 0) WaitForHelper(helper, inner.go.get());
  LetGoOn(inner);
  CloseSources(plan);
  // A service manager that stops us all at once gives servers the time to clean up (KillMode=control-group).
  IgnoreEndingSignals();
  for (int fd = 0; fd < 3; ++fd) close(fd);
  close(kTellFd);
  close(kStepFd);
  const int status = WaitForEnd(inner);
  FreeGuardedNames(plan);
  return status;
}

}  // namespace mcpo
