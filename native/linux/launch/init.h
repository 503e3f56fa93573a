#pragma once

#include <sys/types.h>

#include "../../core/plan.h"

namespace mcpo {

// What pid 1 does for the rest of its life, with nothing left that is worth stealing: reap whatever ends,
// pass on what the gateway signals, hold the plan's limits that no control group holds (watch.h), report how
// the payload ended, and exit when it has, or when the gateway (lifeline) or the outer process is gone. With
// pid 1 the kernel ends everything else in the sandbox.
[[noreturn]] void RunInit(const Plan& plan, pid_t payload, int outer);

}  // namespace mcpo
