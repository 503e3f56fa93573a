#pragma once

#include <sys/types.h>

namespace mcpo {

// Like fork, into new user, mount, pid, ipc, uts and cgroup namespaces, and a network namespace unless it is
// shared. Sets `pidfd` in the parent.
pid_t CloneIntoNamespaces(bool shareNetwork, int& pidfd);

}  // namespace mcpo
