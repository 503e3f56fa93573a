#pragma once

#include "../../core/plan.h"

namespace mcpo {

// Where nothing can be id-mapped the server reaches what it is given with the host's rights of its uid. Fails
// when they do not suffice to read `tree`, and to write it where the plan says so: better no start than a
// server that was promised a folder and cannot use it.
void RequireRights(int tree, const MountOperation& bind, const Plan& plan);

}  // namespace mcpo
