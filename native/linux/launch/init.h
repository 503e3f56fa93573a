#pragma once

#include <sys/types.h>

#include "../../core/plan.h"
#include "../fd.h"
#include "../launch_fds.h"

namespace mcpo {

// In the payload, which has no business with the lifeline: the pipe on which pid 1 says how many mounts there
// are, once it has found what they share as planned (CheckShared) and has itself no right left.
inline constexpr int kFromInitFd = kLifelineFd;

// What pid 1 does for the rest of its life, with nothing left that is worth stealing: reap whatever ends,
// pass on what the gateway signals, hold the plan's limits that no control group holds (watch.h), report how
// the payload ended, and exit when it has, or when the gateway (lifeline) or the outer process is gone. With
// pid 1 the kernel ends everything else in the sandbox.
[[noreturn]] void RunInit(const Plan& plan, pid_t payload, int outer, const Fd& toPayload);

}  // namespace mcpo
