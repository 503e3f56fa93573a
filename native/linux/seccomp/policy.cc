#include "policy.h"

namespace mcpo::seccomp {

Policy ServerPolicy() {
  return {
      .allowed = ServerAllowed(), .denied = ServerDenied(), .absent = ServerAbsent(), .ruled = ServerRuled()};
}

// What native/linux/launch/init.cc calls once the server runs, and what the C library and the kernel call for
// it.
Policy InitPolicy() {
  const Group life = {"wait for children and for the gateway, tell it, end",
                      {"close", "exit", "exit_group", "kill", "pidfd_send_signal", "poll", "ppoll", "read",
                       "wait4", "waitid", "write"}};
  const Group signals = {
      "coming back from a signal handler",
      {"restart_syscall", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigtimedwait"}};
  const Group clock = {"deadlines, where the vDSO cannot tell the time", {"clock_gettime"}};
  return {.allowed = {life, signals, clock}, .denied = {}, .absent = {}, .ruled = {}};
}

}  // namespace mcpo::seccomp
