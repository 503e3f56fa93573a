// Two changes to what the server's policy answers: the same decisions, and somebody hears of them.
#pragma once

#include <linux/filter.h>

#include <span>
#include <vector>

#include "policy.h"

namespace mcpo::seccomp {

// The same program; each EPERM goes to the listener, who gives it, unless the call bears the launcher's mark
// (told.h).
std::vector<sock_filter> Telling(std::span<const sock_filter> program);

// The same policy, but that calls which name a file, where it allows them, go to the listener first (who
// lets them go on). For diagnosis: it slows programs down.
Policy Explaining(Policy policy);

}  // namespace mcpo::seccomp
