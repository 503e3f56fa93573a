#pragma once

#include "../../core/plan.h"

namespace mcpo {

// Gives up every right, in an order in which none is needed later, proves it, and becomes the server.
[[noreturn]] void RunPayload(const Plan& plan);

}  // namespace mcpo
