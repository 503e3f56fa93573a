#pragma once

#include "../../../core/plan.h"
#include "facts.h"

namespace mcpo {

// Tries what no server may do, under the server's own filter, and names what was not refused. Each act is
// such that nothing happens where it is allowed. After CheckNamespaces: one of them looks for a way to the
// network.
void TryForbiddenActs(const Plan& plan, Facts& facts);

}  // namespace mcpo
