// The argument rule of prctl(2), which is a hundred calls in one.
#pragma once

#include "policy.h"

namespace mcpo::seccomp {

// Harmless options are allowed, dangerous ones get EPERM, and unknown ones EINVAL, as from a kernel that
// lacks them.
Rule ProcessControl();

}  // namespace mcpo::seccomp
