// What the kernel counts for each user and user namespace, other than by rlimits.
#pragma once

namespace mcpo {

// Gives this user namespace a share of what is its user's on the whole host, and lets no user namespace be
// made below it. Needs CAP_SYS_RESOURCE in it, and the host's /proc. Where that is read-only, a note says so.
void LimitCounts();

}  // namespace mcpo
