#pragma once

#include <cstdint>

#include "root.h"

namespace mcpo {

// /dev: the five devices that every program expects, links to the standard descriptors, and a private
// /dev/shm.
void MakeDevices(const NewRoot& made, std::uint64_t shmBytes);

}  // namespace mcpo
