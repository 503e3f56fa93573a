#pragma once

#include "../../core/plan.h"

namespace mcpo {

// From here on, and for every child, the kernel answers only what `filter` allows. Needs no_new_privs.
void InstallFilter(const List<FilterInstruction>& filter);

// The same; and where the filter tells of refusals, its listener goes to the gateway (kTellFd), and nowhere
// else. Where the kernel gives no listener the refusals are answered untold, and a note says so.
void InstallServerFilter(const List<FilterInstruction>& filter);

}  // namespace mcpo
