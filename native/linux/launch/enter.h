#pragma once

#include "../../core/plan.h"

namespace mcpo {

// For a container that its engine has made and not started: opens the listeners of `plan.egress` in the
// network namespace of `plan.enteredPid`, sends them to the gateway, and waits until the lifeline closes.
// Returns the exit code. Whose process that is, is for the gateway to know.
int RunEntered(const Plan& plan);

}  // namespace mcpo
