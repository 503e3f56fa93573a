// clone3 (Linux 5.3): the only call that starts a process inside a given control group (5.7). The C library
// has none to offer.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcpo {

// As the kernel reads them; 88 bytes since Linux 5.7.
struct CloneArguments {
  std::uint64_t flags = 0;
  std::uint64_t pidfd = 0;
  std::uint64_t childTid = 0;
  std::uint64_t parentTid = 0;
  std::uint64_t exitSignal = 0;
  std::uint64_t stack = 0;
  std::uint64_t stackBytes = 0;
  std::uint64_t tls = 0;
  std::uint64_t setTid = 0;
  std::uint64_t setTidCount = 0;
  std::uint64_t cgroup = 0;
};
static_assert(sizeof(CloneArguments) == 88);

inline constexpr std::uint64_t kCloneIntoCgroup = 0x200000000;

// Starts a child that calls `run` on the stack that `arguments` name (16-byte aligned), and exits with what
// it returns. The child's process id, or -1 with errno.
int Clone3(const CloneArguments& arguments, int (*run)(void*), void* argument);

}  // namespace mcpo
