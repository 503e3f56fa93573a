// Refusals that are told: instead of answering a call, the kernel hands it to whoever holds the filter's
// listener (user notification, Linux 5.0). Usable without the standard library's run time.
#pragma once

#include <linux/seccomp.h>

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

}  // namespace mcpo::seccomp
