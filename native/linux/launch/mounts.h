#pragma once

#include "../../core/plan.h"
#include "root.h"

namespace mcpo {

// Carries out the plan's mount operations, in order, below the new root. Knows nothing of why.
void RunMounts(const Plan& plan, const NewRoot& made);

}  // namespace mcpo
