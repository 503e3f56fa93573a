#pragma once

#include "../../../core/plan.h"
#include "facts.h"

namespace mcpo {

// The host's tree is gone; no mount honours setuid bits or devices; in the minimal root there is no mount
// that the plan does not account for; and what the plan does not make writable is read-only.
void CheckMounts(const Plan& plan, Facts& facts);

}  // namespace mcpo
