#pragma once

#include "../../core/plan.h"

namespace mcpo {

// Maps and decodes the plan that came on kPlanFd, and closes it. Refuses one that could still be changed.
const Plan& ReadPlan();

// Takes the plan out of this process's memory.
void ForgetPlan();

}  // namespace mcpo
