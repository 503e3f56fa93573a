#pragma once

#include "../../core/plan.h"

namespace mcpo {

// Soft and hard limit alike. A value above the hard limit that this process has is cut to it.
void ApplyLimits(const List<ResourceLimit>& limits);

}  // namespace mcpo
