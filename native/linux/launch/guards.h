// Names in writable folders under which a later program would find code to run: read-only, and the absent
// ones taken, so that the server cannot make them. A name is taken by an empty folder or a small file, which
// is made on the host, with no more rights than the server has, and removed when the last sandbox lets go of
// it.
#pragma once

#include <cstdint>

#include "../../core/plan.h"
#include "root.h"

namespace mcpo {

// Before the namespaces, once the sources are open.
void TakeGuardedNames(const Plan& plan);

// Inside: operation number `index` of the plan becomes read-only.
void Guard(const NewRoot& made, const Plan& plan, std::uint32_t index);

// In the outer process, after the sandbox: removes what nobody else holds.
void FreeGuardedNames(const Plan& plan);

}  // namespace mcpo
