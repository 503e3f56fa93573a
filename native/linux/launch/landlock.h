#pragma once

#include "../../core/plan.h"

namespace mcpo {

// The second wall round the file system: only the rules' paths, even if a mount were wrong. Needs
// no_new_privs.
void RestrictWithLandlock(const LandlockPlan& landlock);

}  // namespace mcpo
