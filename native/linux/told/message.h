// What a launcher sends to the supervisor: one byte, and descriptors with it.
#pragma once

#include <cstddef>

#include "../../core/plan.h"
#include "../descriptors.h"

namespace mcpo::told {

enum class Message : char {
  // The listener of the server's filter.
  kFilter = 'f',
  // Sockets of launch/egress.h.
  kEgress = 'e',
};

// Name look-up, two proxies, and a port each.
inline constexpr std::size_t kMaxDescriptors = 3 + kMaxEgressPorts;
static_assert(kMaxDescriptors <= kMaxPassed);

}  // namespace mcpo::told
