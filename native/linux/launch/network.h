#pragma once

namespace mcpo {

// 127.0.0.1 and ::1 work inside a new network namespace.
void BringLoopbackUp();

// `range`: `address/bits`. Whoever connects to one of these addresses inside the namespace reaches it itself,
// by a route of type local (rtnetlink(7)) over loopback.
void MakeAddressesOwn(const char* range);

// Asks for the route to an address of the internet, and sends nothing. Negative with ENETUNREACH where there
// is none.
long ReachOut();

}  // namespace mcpo
