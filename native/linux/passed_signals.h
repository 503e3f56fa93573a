// Signals on their way from whoever stops a server to that server: a byte on the lifeline is a number, which
// pid 1 of the sandbox passes on. Nothing goes the other way.
#pragma once

#include <signal.h>
#include <sys/types.h>

namespace mcpo {

// The first process that pid 1 of a new pid namespace starts.
inline constexpr pid_t kPayloadPid = 2;

inline constexpr int kPassedSignals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};

// What a terminal sends to all of its foreground, and not to one process.
constexpr bool IsForGroup(int signal) {
  return signal == SIGINT || signal == SIGQUIT || signal == SIGWINCH;
}

}  // namespace mcpo
