// The sandbox's network namespace. Its making takes the kernel as long as a third of everything else that a
// start does, so that a process beside makes it while pid 1 builds the root directory.
#pragma once

#include "../../core/plan.h"
#include "../fd.h"

namespace mcpo {

// Whether it is made beside; else it comes with the other namespaces, or is the host's.
bool IsNetworkMadeBeside(const Plan& plan);

// Of a process that has not hidden itself yet.
Fd OpenUserNamespace(pid_t pid);

// In the outer process: begins to make one that belongs to `userNamespace`. It goes over `inside`, the socket
// to pid 1.
pid_t StartNetworkMaker(const Fd& userNamespace, int inside);

// Once it has ended, `inside` holds what pid 1 waits for.
void WaitForNetworkMaker(pid_t maker, int inside);

// In pid 1: into what the maker made. Where it could not, because what is around us lets nobody change into a
// namespace, pid 1 makes its own. Loopback works then.
void EnterNetworkNamespace(int outer);

}  // namespace mcpo
