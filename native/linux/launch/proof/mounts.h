#pragma once

#include "../../../core/plan.h"

namespace mcpo {

// The host's tree is gone: nothing is above this process's root directory, and it works below it.
void CheckRoot();

// The same; no mount honours setuid bits or devices; in the minimal root there is no mount that the plan does
// not account for; and what the plan does not make writable is read-only. How many there are.
unsigned long CheckMounts(const Plan& plan);

}  // namespace mcpo
