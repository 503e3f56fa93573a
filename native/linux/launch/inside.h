#pragma once

#include "../../core/plan.h"

namespace mcpo {

// The sandbox's pid 1, from the first instruction in the namespaces on. `outer` is readable when the ids are
// mapped, and at its end when the outer process is gone.
[[noreturn]] void RunInside(const Plan& plan, int outer);

}  // namespace mcpo
