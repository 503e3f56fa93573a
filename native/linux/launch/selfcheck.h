#pragma once

#include "../../core/plan.h"

namespace mcpo {

// Asks the kernel, from inside, whether what was set up holds, and reports the answers as the "ready" record.
// A mismatch ends the process: nothing is executed. Needs /proc.
void CheckSelf(const Plan& plan);

}  // namespace mcpo
