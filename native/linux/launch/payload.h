#pragma once

#include "../../core/plan.h"
#include "../fd.h"

namespace mcpo {

// Gives up every right, in an order in which none is needed later, proves it, and becomes the server.
[[noreturn]] void RunPayload(const Plan& plan, const Fd& fromInit);

}  // namespace mcpo
