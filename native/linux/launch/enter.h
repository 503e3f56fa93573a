#pragma once

#include "../../core/plan.h"

namespace mcpo {

// For a container that its engine has made and not started: opens the listeners of `plan.egress` in the
// network namespace of `plan.enteredPid`, sends them to the gateway, and waits until the lifeline closes.
// Returns the exit code. Whose process that is, is for the gateway to know.
int RunEntered(const Plan& plan);

// Inside a container, as its first process: does nothing, and so keeps its network there for the container
// that joins it. Ends by force.
[[noreturn]] void HoldNamespaces();

}  // namespace mcpo
