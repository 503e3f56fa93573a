#pragma once

#include <vector>

#include "../core/plan.h"

namespace mcpo {

// The filter of the sandbox's pid 1, which holds limits by looking or does not.
std::vector<FilterInstruction> InitFilter(bool watches);

}  // namespace mcpo
