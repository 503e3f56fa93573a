// The system calls that name a file: where in their arguments, and what for. For `--explain`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mcpo::seccomp {

enum class Intent : std::uint8_t { kRead, kWrite, kExecute, kByFlags };

struct PathCall {
  std::string_view name;
  int folder;  // argument that holds the folder's descriptor; -1: the working directory
  int path;
  Intent intent;
  int flags = -1;  // argument with open(2)'s flags, for kByFlags
};

// A call with two paths stands there twice.
std::span<const PathCall> PathCalls();

}  // namespace mcpo::seccomp
