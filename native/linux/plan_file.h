#pragma once

#include "../core/backend.h"
#include "fd.h"

namespace mcpo {

// Encodes the plan into a memfd that nobody can change any more.
// A file in memory, close-on-exec, that may be sealed; an empty descriptor, with errno, where there is none.
Fd MakeMemfd(const char* name);

Failure MakePlanFile(const Plan& plan, Fd& file);

}  // namespace mcpo
