// What the kernel counts for one user of the whole host, other than by rlimits.
#pragma once

namespace mcpo {

// Gives this user namespace a share. Needs CAP_SYS_RESOURCE in it, and the host's /proc. Where that is
// read-only, a note says so.
void LimitSharedCounts();

}  // namespace mcpo
