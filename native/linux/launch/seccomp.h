#pragma once

#include "../../core/plan.h"

namespace mcpo {

// From here on, and for every child, the kernel answers only what `filter` allows. Needs no_new_privs.
void InstallFilter(const List<FilterInstruction>& filter);

}  // namespace mcpo
