// Connections to addresses of other machines end at a listener inside the network namespace (rtnetlink(7)).
#pragma once

#include "../../core/plan.h"

namespace mcpo {

// `address/bits`: these become the namespace's own, for every protocol and port.
void MakeAddressesOwn(const char* range);

// Whether a range is all addresses of a family.
bool IsEverything(const char* range);

// TCP connections to any address on one of these ports arrive here; everything else stays unreachable at
// once, and none of the addresses becomes the namespace's own. For listeners that are transparent (ip(7)).
// Notes where the kernel cannot: the family is missing, or rules for routes are.
void CatchConnections(const char* range, const List<std::uint32_t>& ports);

}  // namespace mcpo
