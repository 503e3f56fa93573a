#pragma once

namespace mcpo {

// 127.0.0.1 and ::1 work inside a new network namespace. False, with errno set, where they do not.
bool RaiseLoopback();

// The same; a failure ends the start.
void BringLoopbackUp();

// Asks for the route to an address of the internet, and sends nothing. Negative with ENETUNREACH where there
// is none.
long ReachOut();

}  // namespace mcpo
