#pragma once

namespace mcpo {

// Bounding and ambient sets empty; the securebits that could bring a capability back set and locked.
// Capabilities held now stay, also over a change of ids.
void LockCapabilities();

// Effective, permitted and inheritable sets empty.
void ClearCapabilities();

// For the test build that takes this wall away: every capability held survives the exec.
void KeepCapabilities();

// No exec gives more rights than this process has, setuid files and file capabilities included.
void SetNoNewPrivs();

}  // namespace mcpo
