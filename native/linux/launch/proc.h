#pragma once

#include "root.h"

namespace mcpo {

// /proc of the sandbox's own pid namespace: read-only, and without what describes the host or the kernel.
void MakeProc(const NewRoot& made);

}  // namespace mcpo
