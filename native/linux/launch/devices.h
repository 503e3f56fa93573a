#pragma once

#include <cstdint>

namespace mcpo {

// /dev: the five devices that every program expects, links to the standard descriptors, and a private
// /dev/shm.
void MakeDevices(int root, std::uint64_t shmBytes);

}  // namespace mcpo
