#pragma once

#include <vector>

#include "../core/plan.h"

namespace mcpo {

// The filter of the sandbox's pid 1.
std::vector<FilterInstruction> InitFilter();

}  // namespace mcpo
