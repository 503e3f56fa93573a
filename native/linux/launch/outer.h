#pragma once

#include "../../core/plan.h"

namespace mcpo {

// Runs the sandbox and returns when it is gone: the exit code of its pid 1.
int RunOuter(const Plan& plan);

}  // namespace mcpo
