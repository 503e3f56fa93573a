#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <initializer_list>

#include "../launch_fds.h"
#include "../syscalls.h"
#include "layers.h"
#include "report.h"

namespace mcpo {
namespace {

// Who started this may share its own pipes, and Node.js sets them to non-blocking: a program that writes more
// than a pipe holds would get EAGAIN, which few expect.
void LetStdioBlock() {
  for (int fd = 0; fd < 3; ++fd) {
    const int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_NONBLOCK) != 0) Require(fcntl(fd, F_SETFL, flags & ~O_NONBLOCK), "stdio");
  }
}

}  // namespace

void StartClean() {
  DieWithParent();
  // It may have ended before the line above: no signal comes then, but its end of the lifeline is closed.
  pollfd lifeline{kLifelineFd, 0, 0};
  if (poll(&lifeline, 1, 0) != 0) _exit(1);
  Require(sys::CloseRange(kStepFd + 1, 0), "close-range");
  LetStdioBlock();
  ResetSignals();
  // A Ctrl-C on the gateway's terminal is the gateway's to handle.
  setsid();
  umask(0);
  Require(chdir("/"), "chdir");
}

void DieWithParent() {
  Require(prctl(PR_SET_PDEATHSIG, SIGKILL), "parent-death-signal");
}

void ResetSignals() {
  struct sigaction action{};
  action.sa_handler = SIG_DFL;
  // SIGKILL, SIGSTOP and what the C library keeps refuse this: they have no other action to begin with.
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  Require(sigprocmask(SIG_SETMASK, &none, nullptr), "signals");
}

void IgnoreEndingSignals() {
  for (const int one : {SIGHUP, SIGINT, SIGQUIT, SIGTERM}) signal(one, SIG_IGN);
}

void HideFromPeers() {
  Require(prctl(PR_SET_DUMPABLE, layers::Has(Layer::kHiddenInit) ? 0 : 1), "dumpable");
}

}  // namespace mcpo
