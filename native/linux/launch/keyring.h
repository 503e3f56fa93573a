// The kernel's keyring of the gateway's session (PAM gives one to each login), which whoever it starts
// inherits.
#pragma once

namespace mcpo {

// An empty one instead, for this process and what it starts. A second wall behind the filter, which refuses
// all calls that use keys.
void LeaveSessionKeyring();

}  // namespace mcpo
