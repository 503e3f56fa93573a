// What waits in the buffers of a network namespace's sockets: memory of the kernel's, in no process's
// account.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcpo {

// One answer of sock_diag(7), which may be one of several.
struct SocketAnswer {
  std::int64_t bytes = 0;
  bool isLast = false;
};

// The sum over the sockets in `messages`. `headBytes`: of what comes before the attributes of each;
// `attribute`: the one with the numbers of SK_MEMINFO_*. An answer that is not whole, or no answer, is the
// last.
SocketAnswer ReadSocketAnswer(const char* messages, std::size_t size, std::size_t headBytes, int attribute);

class SocketMemory {
 public:
  // Opens a way to ask the kernel, and stays with `fd`. To be called while sockets can be made. False where
  // it cannot be asked: nothing is counted then.
  static bool Open(int fd);

  // -1: nobody can be asked.
  explicit SocketMemory(int fd) : fd_(fd) {}

  // Of local, TCP, UDP and netlink sockets, in KiB. Kinds that this kernel cannot tell of count nothing.
  std::int64_t Kb();

 private:
  std::int64_t Ask(const void* question, std::size_t size, std::size_t headBytes, int attribute);

  int fd_;
};

}  // namespace mcpo
