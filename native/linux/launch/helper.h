// A process beside pid 1, in its user namespace, that does what keeps the kernel busy while pid 1 builds the
// root directory: making a network namespace alone takes as long as a tenth of everything else.
#pragma once

#include <sys/types.h>

#include "../../core/plan.h"
#include "../fd.h"

namespace mcpo {

// Where there is a network to make, a user namespace for it to belong to, and nothing around us that forbids
// to change namespaces. Otherwise the network comes with the other namespaces, or is the host's.
bool HasHelper(const Plan& plan);

// Of a process that has not hidden itself yet.
Fd OpenUserNamespace(pid_t pid);

// In the outer process. `inside`: the socket to pid 1, on which the helper sends the network.
pid_t StartHelper(const Fd& userNamespace, int inside);

// Once it has ended, `inside` holds what pid 1 waits for.
void WaitForHelper(pid_t helper, int inside);

// In pid 1: enters the network, in which loopback works, with the counts of its user namespace limited. Where
// the helper failed it does that itself, as far as it still can, with notes on the rest.
void TakeHelp(int outer);

}  // namespace mcpo
