#pragma once

#include <cstddef>

namespace mcpo {

// The whole of a small file below /proc into `text`, with a NUL behind it. Fails the start when it cannot be
// read or has `room` bytes and more.
std::size_t ReadSmallFile(const char* path, char* text, std::size_t room);

}  // namespace mcpo
