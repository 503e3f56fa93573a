#include "policy.h"

namespace mcpo::seccomp {

Policy ServerPolicy() {
  return {
      .allowed = ServerAllowed(), .denied = ServerDenied(), .absent = ServerAbsent(), .ruled = ServerRuled()};
}

// What native/linux/launch/init.cc calls once it has given its rights up, in the spellings of both
// architectures.
Policy InitPolicy() {
  const Group life = {"wait for children and for the gateway, tell how the server ended, end",
                      {"exit_group", "poll", "ppoll", "read", "wait4", "write"}};
  const Group signals = {"the kernel's own: a wait goes on after SIGSTOP and SIGCONT",
                         {"restart_syscall", "rt_sigreturn"}};
  return {.allowed = {life, signals}, .denied = {}, .absent = {}, .ruled = {}};
}

}  // namespace mcpo::seccomp
