#pragma once

#include "../../../core/plan.h"
#include "facts.h"

namespace mcpo {

// What /proc/self/status says: ids, groups, capabilities, no_new_privs, seccomp; with securebits and the id
// map.
void CheckStatus(const Plan& plan, Facts& facts);

}  // namespace mcpo
