#include "policy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

namespace mcpo::seccomp {

Policy ServerPolicy() {
  return {
      .allowed = ServerAllowed(), .denied = ServerDenied(), .absent = ServerAbsent(), .ruled = ServerRuled()};
}

namespace {

constexpr uint32_t kWholeInt = 0xffffffff;
constexpr uint32_t kEverybody = 0xffffffff;
constexpr uint32_t kWrites = O_ACCMODE | O_CREAT | O_TRUNC | 020000000;  // __O_TMPFILE

// What native/linux/launch/watch.cc does to the others.
std::vector<RuledGroup> WatcherRuled() {
  const Rule readOnly = {{{{{2, kWrites, {O_RDONLY}}}, kAllow}}, Errno(EPERM)};
  const Clause stopsAll = {{{0, kWholeInt, {kEverybody}}, {1, kWholeInt, {SIGSTOP, SIGCONT}}}, kAllow};
  return {{"open for reading", {"openat"}, readOnly},
          {"stop all others, and let them go on", {"kill"}, {{stopsAll}, Errno(EPERM)}}};
}

}  // namespace

// What native/linux/launch/init.cc calls once it has given its rights up, in the spellings of both
// architectures.
Policy InitPolicy(bool watches) {
  const Group life = {"wait for children and for the gateway, tell how the server ended, end",
                      {"exit_group", "poll", "ppoll", "read", "wait4", "write"}};
  const Group signals = {"the kernel's own: a wait goes on after SIGSTOP and SIGCONT",
                         {"restart_syscall", "rt_sigreturn"}};
  if (!watches) return {.allowed = {life, signals}, .denied = {}, .absent = {}, .ruled = {}};
  const Group looks = {"read what /proc says of the others, and the clock",
                       {"clock_gettime", "close", "getdents64", "lseek"}};
  return {.allowed = {life, signals, looks}, .denied = {}, .absent = {}, .ruled = WatcherRuled()};
}

}  // namespace mcpo::seccomp
