#pragma once

#include <linux/capability.h>

#include <cstdint>

namespace mcpo {

// Bounding and ambient sets empty; the securebits that could bring a capability back set and locked.
// Capabilities held now stay, also over a change of ids.
void LockCapabilities();

// Effective, permitted and inheritable sets empty.
void ClearCapabilities();

// What building a sandbox takes, and what giving up the rest takes: bits of a capability set.
inline constexpr std::uint64_t kToGiveUp = 1u << CAP_SETPCAP;
inline constexpr std::uint64_t kToBuild =
    1u << CAP_SYS_ADMIN | 1u << CAP_NET_ADMIN | 1u << CAP_NET_BIND_SERVICE | kToGiveUp;

// Effective and permitted sets are these, the inheritable one is empty.
void KeepOnlyCapabilities(std::uint64_t kept);

// For the test build that takes this wall away: every capability held survives the exec.
void KeepCapabilities();

// No exec gives more rights than this process has, setuid files and file capabilities included.
void SetNoNewPrivs();

}  // namespace mcpo
