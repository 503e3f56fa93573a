#include "policy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include <iterator>

#include "../passed_signals.h"

namespace mcpo::seccomp {

Policy ServerPolicy() {
  return {
      .allowed = ServerAllowed(), .denied = ServerDenied(), .absent = ServerAbsent(), .ruled = ServerRuled()};
}

namespace {

constexpr uint32_t kWholeInt = 0xffffffff;
constexpr uint32_t kEverybody = 0xffffffff;
constexpr uint32_t kWrites = O_ACCMODE | O_CREAT | O_TRUNC | 020000000;  // __O_TMPFILE

// To the payload, or to its process group.
Clause PassesOn() {
  constexpr auto payload = static_cast<uint32_t>(kPayloadPid);
  const std::vector<uint32_t> passed(std::begin(kPassedSignals), std::end(kPassedSignals));
  return {{{0, kWholeInt, {payload, 0 - payload}}, {1, kWholeInt, passed}}, kAllow};
}

// What native/linux/launch/init.cc does to the others, and watch.cc as well.
std::vector<RuledGroup> InitRuled(bool watches) {
  if (!watches) return {{"pass signals on", {"kill"}, {{PassesOn()}, Errno(EPERM)}}};
  const Rule readOnly = {{{{{2, kWrites, {O_RDONLY}}}, kAllow}}, Errno(EPERM)};
  const Clause stopsAll = {{{0, kWholeInt, {kEverybody}}, {1, kWholeInt, {SIGSTOP, SIGCONT}}}, kAllow};
  const Rule signals = {{stopsAll, PassesOn()}, Errno(EPERM)};
  return {{"open for reading", {"openat"}, readOnly},
          {"pass signals on, stop all others, and let them go on", {"kill"}, signals}};
}

}  // namespace

// What native/linux/launch/init.cc calls once it has given its rights up, in the spellings of both
// architectures.
Policy InitPolicy(bool watches) {
  const Group life = {"wait for children and for the gateway, tell how the server ended, end",
                      {"exit_group", "poll", "ppoll", "read", "wait4", "write"}};
  const Group signals = {"the kernel's own: a wait goes on after SIGSTOP and SIGCONT",
                         {"restart_syscall", "rt_sigreturn"}};
  if (!watches) return {.allowed = {life, signals}, .denied = {}, .absent = {}, .ruled = InitRuled(false)};
  const Group looks = {"read what /proc says of the others, and the clock",
                       {"clock_gettime", "close", "getdents64", "lseek"}};
  return {.allowed = {life, signals, looks}, .denied = {}, .absent = {}, .ruled = InitRuled(true)};
}

}  // namespace mcpo::seccomp
