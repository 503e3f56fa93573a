// The host's files and folders that the sandbox shows. Each path is resolved once, to a detached copy of its
// mounts.
#pragma once

#include "../../core/plan.h"
#include "../fd.h"

namespace mcpo {

// As root, on the host: opens every source of the plan while that is still allowed, and maps its owner to
// `hostUid` where asked for; without a user namespace it sees to it that `hostUid` can use it as it is. Later
// the copies are taken by TakeSource.
void OpenSourcesOnHost(const Plan& plan);

// The tree of bind number `index`, ready to be attached: nosuid, nodev, read-only where asked for. Opens it
// now unless OpenSourcesOnHost did. -1 when it is optional and not there. The caller owns the descriptor.
int TakeSource(const Plan& plan, std::uint32_t index);

// A folder of the host that the plan shows for writing, opened on the way that the server will take:
// id-mapped, where that is so. An empty descriptor, with errno set, when it cannot be had.
Fd OpenInSources(const Plan& plan, const char* folder);

// Closes what OpenSourcesOnHost opened, in the process that does not need it.
void CloseSources(const Plan& plan);

}  // namespace mcpo
