// Policy in, classic BPF program out.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "numbers.h"
#include "policy.h"

namespace mcpo::seccomp {

// A balanced search over runs of numbers, in front of the rules' tails, which calls with the same rule share.
// A foreign architecture is killed first. Empty, which no kernel installs, should the result not pass
// Validate.
std::vector<sock_filter> Compile(const Policy& policy, Arch arch);

}  // namespace mcpo::seccomp
