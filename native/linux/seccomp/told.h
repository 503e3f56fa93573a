// Refusals that are told: instead of answering a call, the kernel hands it to whoever holds the filter's
// listener (user notification, Linux 5.0). Usable without the standard library's run time.
#pragma once

#include <linux/seccomp.h>

#include <cstddef>
#include <cstdint>

namespace mcpo::seccomp {

// The call waits for the listener. The low 16 bits, which the kernel passes over here, say what it gets
// where nobody listens: an errno, or 0 for "allowed".
constexpr std::uint32_t Told(int error) {
  return SECCOMP_RET_USER_NOTIF | static_cast<std::uint32_t>(error);
}

constexpr bool IsTold(std::uint32_t verdict) {
  return (verdict & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF;
}

// The errno behind a verdict that is told; 0 for "allowed".
constexpr int ErrorOf(std::uint32_t verdict) {
  return static_cast<int>(verdict & SECCOMP_RET_DATA);
}

// The same verdict without a listener.
constexpr std::uint32_t Untold(std::uint32_t verdict) {
  if (!IsTold(verdict)) return verdict;
  const int error = ErrorOf(verdict);
  return error == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

// Stands in the program where the launcher writes a number that nobody can guess (launch/seccomp.cc): a call
// with it as its sixth argument, of which no kernel takes notice, is refused in the same place, but the
// kernel answers, as quickly as it does. Of what the launcher proves (launch/proof/acts.cc) the listener need
// not hear.
inline constexpr std::uint32_t kMark = 0x6d61726b;
inline constexpr unsigned kMarkedArgument = 5;
// How far from the end of the program the comparison with it is.
inline constexpr std::size_t kMarkFromEnd = 3;

}  // namespace mcpo::seccomp
