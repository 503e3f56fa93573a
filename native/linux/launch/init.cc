#include "init.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>

#include "../launch_fds.h"
#include "../passed_signals.h"
#include "../syscalls.h"
#include "capabilities.h"
#include "layers.h"
#include "proof/proof.h"
#include "read_plan.h"
#include "report.h"
#include "seccomp.h"
#include "watch.h"

namespace mcpo {
namespace {

// Where the descriptors that pid 1 needs beside status and lifeline are put, so that the rest can be closed.
// No step of its own may hang from then on.
constexpr int kPayloadFd = kTellFd;
constexpr int kOuterFd = kStepFd;
constexpr int kChildrenFd = kStepFd + 1;
constexpr int kProcFd = kStepFd + 2;
constexpr int kSocketsFd = kStepFd + 3;

// Before anything else takes the numbers that they have.
void Place(int outer, int payload) {
  if (outer != kOuterFd) Require(dup3(outer, kOuterFd, O_CLOEXEC), "init", "outer");
  Require(dup3(payload, kPayloadFd, O_CLOEXEC), "init", "payload");
}

// A signalfd instead of a handler: no window between looking and waiting.
void WatchChildren() {
  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  Require(sigprocmask(SIG_BLOCK, &children, nullptr), "init", "signals");
  struct sigaction onlyEnds{};
  onlyEnds.sa_handler = SIG_DFL;
  onlyEnds.sa_flags = SA_NOCLDSTOP;
  Require(sigaction(SIGCHLD, &onlyEnds, nullptr), "init", "signals");
  const int fd = Require(signalfd(-1, &children, SFD_CLOEXEC), "init", "signalfd");
  if (fd != kChildrenFd) Require(dup3(fd, kChildrenFd, O_CLOEXEC), "init", "signalfd");
}

bool Watches(const WatchPlan& watch) {
  return watch.cpuPercent != 0 || watch.memoryMb != 0;
}

// Sockets are those of the sandbox only where it has a network namespace of its own. -1: nobody can be asked.
int OpenSocketMemory(const Plan& plan) {
  const bool asks = plan.watch.memoryMb != 0 && !plan.shareNetwork;
  return asks && SocketMemory::Open(kSocketsFd) ? kSocketsFd : -1;
}

void KeepOnlyOwnDescriptors(bool watches, int sockets) {
  WatchChildren();
  if (watches) Census::Open(kProcFd);
  for (int fd = 0; fd < kStatusFd; ++fd) close(fd);
  const int last = std::max(sockets, watches ? kProcFd : kChildrenFd);
  Require(sys::CloseRange(static_cast<unsigned>(last) + 1, 0), "init", "close-range");
}

void GiveUpRights(const Plan& plan) {
  LockCapabilities();
  ClearCapabilities();
  SetNoNewPrivs();
  // Loaded last but one: forgetting the plan needs a call that the filter does not allow.
  static FilterInstruction filter[kMaxFilterInstructions];
  const std::uint32_t size = plan.initFilter.size;
  for (std::uint32_t index = 0; index < size; ++index) filter[index] = plan.initFilter.data[index];
  ForgetPlan();
  if (layers::Has(Layer::kSeccomp)) InstallFilter({filter, size});
}

// True once the payload is among the ended.
bool ReapAll(pid_t payload, int& status) {
  bool ended = false;
  for (;;) {
    int one = 0;
    const pid_t pid = waitpid(-1, &one, WNOHANG);
    if (pid <= 0) return ended;
    if (pid != payload) continue;
    status = one;
    ended = true;
  }
}

void PassSignalOn() {
  std::uint8_t signal = 0;
  if (read(kLifelineFd, &signal, 1) != 1) _exit(1);
  if (std::find(std::begin(kPassedSignals), std::end(kPassedSignals), signal) == std::end(kPassedSignals))
    return;
  // ESRCH: it has ended, and is reaped next.
  if (kill(IsForGroup(signal) ? -kPayloadPid : kPayloadPid, signal) != 0) return;
}

// Until a child has ended, a signal was passed on, or `timeoutMs` have passed. The gateway's end, or the
// outer process's, is the end of everything here.
void WaitForChild(int timeoutMs) {
  pollfd watched[3] = {{kChildrenFd, POLLIN, 0}, {kLifelineFd, POLLIN, 0}, {kOuterFd, POLLIN, 0}};
  if (poll(watched, 3, timeoutMs) < 0 && errno != EINTR) _exit(1);
  if ((watched[1].revents & ~POLLIN) != 0 || watched[2].revents != 0) _exit(1);
  if (watched[1].revents != 0) PassSignalOn();
  signalfd_siginfo ignored;
  if (watched[0].revents != 0 && read(kChildrenFd, &ignored, sizeof ignored) < 0) _exit(1);
}

[[noreturn]] void ReportAndExit(int status) {
  const bool exited = WIFEXITED(status);
  const int value = exited ? WEXITSTATUS(status) : -WTERMSIG(status);
  ReportExit(value);
  _exit(exited ? value : 128 - value);
}

}  // namespace

void RunInit(const Plan& plan, pid_t payload, int outer, const Fd& toPayload) {
  Place(outer, toPayload.get());
  // Shared with the payload, which has enough to check meanwhile.
  const unsigned long mounts = CheckShared(plan);
  const int sockets = OpenSocketMemory(plan);
  KeepOnlyOwnDescriptors(Watches(plan.watch), sockets);
  static Watch watch(plan.watch, kProcFd, sockets);
  GiveUpRights(plan);
  // A payload that has ended meanwhile has said why.
  if (write(kPayloadFd, &mounts, sizeof mounts) != sizeof mounts && errno != EPIPE) _exit(1);
  int status = 0;
  // Reaped before the first wait: a payload that ended before its signal was watched for will not be told of.
  while (!ReapAll(payload, status)) {
    WaitForChild(watch.TimeoutMs());
    watch.Look();
  }
  ReportAndExit(status);
}

}  // namespace mcpo
