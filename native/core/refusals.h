#pragma once

#include <cstdint>

namespace mcpo {

// What becomes of the system calls that a server's filter refuses with EPERM.
enum class Refusals : std::uint8_t {
  kAnswered,   // the kernel answers, and nobody hears of it
  kTold,       // a Supervisor answers, and tells
  kExplained,  // and hears of file accesses before they are made: for diagnosis
};

}  // namespace mcpo
