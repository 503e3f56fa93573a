#pragma once

namespace mcpo {

// 127.0.0.1 and ::1 work inside a new network namespace.
void BringLoopbackUp();

}  // namespace mcpo
