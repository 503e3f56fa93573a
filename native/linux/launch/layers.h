// Which walls this build has. All of them, but for the test builds that take one away to prove what it stops
// (-DMCPO_WITHOUT_...): separate binaries, never part of the package.
#pragma once

namespace mcpo::layers {

#ifdef MCPO_WITHOUT_SECCOMP
inline constexpr bool kSeccomp = false;
#else
inline constexpr bool kSeccomp = true;
#endif

#ifdef MCPO_WITHOUT_LANDLOCK
inline constexpr bool kLandlock = false;
#else
inline constexpr bool kLandlock = true;
#endif

#ifdef MCPO_WITHOUT_CAPABILITIES
inline constexpr bool kEmptyCapabilities = false;
#else
inline constexpr bool kEmptyCapabilities = true;
#endif

#ifdef MCPO_WITHOUT_NO_NEW_PRIVS
inline constexpr bool kNoNewPrivs = false;
#else
inline constexpr bool kNoNewPrivs = true;
#endif

#ifdef MCPO_WITHOUT_MASKS
inline constexpr bool kMasks = false;
#else
inline constexpr bool kMasks = true;
#endif

}  // namespace mcpo::layers
