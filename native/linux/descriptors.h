// Descriptors that go over a Unix socket, with one byte that says what they are (SCM_RIGHTS, unix(7)).
#pragma once

#include <cstddef>

namespace mcpo {

inline constexpr std::size_t kMaxPassed = 128;

// They stay open here. False, with errno set, when they were not sent.
bool PassDescriptors(int socket, char byte, const int* descriptors, std::size_t count);

// The errno of a send whose receiver has closed its end.
bool IsFromClosedEnd(int error);

struct Passed {
  char byte = 0;
  std::size_t count = 0;
  // Close-on-exec, and the receiver's to close.
  int descriptors[kMaxPassed];
};

// What recvmsg returns: 1, 0 when the other end is closed, negative with errno set. `flags`: MSG_DONTWAIT.
int TakePassed(int socket, Passed& passed, int flags);

}  // namespace mcpo
