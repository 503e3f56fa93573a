#pragma once

#include "../core/backend.h"
#include "fd.h"

namespace mcpo {

// Encodes the plan into a memfd that nobody can change any more.
Failure MakePlanFile(const Plan& plan, Fd& file);

}  // namespace mcpo
