#pragma once

#include <sys/types.h>

#include "../../core/plan.h"

namespace mcpo {

// Like fork, into new mount, pid, ipc, uts and cgroup namespaces, into a user namespace unless the plan has
// none, and into a network namespace unless it shares the host's or a helper makes one. Sets `pidfd` in the
// parent.
pid_t CloneIntoNamespaces(const Plan& plan, int& pidfd);

}  // namespace mcpo
