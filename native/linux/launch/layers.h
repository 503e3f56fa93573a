// Which walls this build has. All of them, but for the test builds that lack some to prove what they stop
// (-DMCPO_WITHOUT="seccomp landlock"): separate binaries, never part of the package.
#pragma once

#include <string_view>

#ifndef MCPO_WITHOUT
#define MCPO_WITHOUT ""
#endif

namespace mcpo::layers {

constexpr bool Has(std::string_view wall) {
  return std::string_view(MCPO_WITHOUT).find(wall) == std::string_view::npos;
}

inline constexpr bool kSeccomp = Has("seccomp");
inline constexpr bool kLandlock = Has("landlock");
inline constexpr bool kEmptyCapabilities = Has("capabilities");
inline constexpr bool kNoNewPrivs = Has("no-new-privs");
inline constexpr bool kMasks = Has("masks");
inline constexpr bool kOwnIds = Has("own-ids");
inline constexpr bool kReadOnlyRoot = Has("read-only-root");
inline constexpr bool kHostTreeGone = Has("host-tree-gone");
inline constexpr bool kClosedDescriptors = Has("closed-descriptors");
inline constexpr bool kNetworkNamespace = Has("network-namespace");
inline constexpr bool kPidNamespace = Has("pid-namespace");
inline constexpr bool kIpcNamespace = Has("ipc-namespace");

}  // namespace mcpo::layers
