#pragma once

#include "../../core/plan.h"

namespace mcpo {

// The sandbox's pid 1, from the first instruction in the namespaces on. On `outer` comes a byte when the ids
// are mapped, the network where a helper makes it, a byte when the outer process has no right left either,
// and the end when it is gone.
[[noreturn]] void RunInside(const Plan& plan, int outer);

}  // namespace mcpo
