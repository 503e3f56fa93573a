// Mounts that are made, restricted and only then attached: there is no moment in which one can do more than
// it should.
#pragma once

#include <cstdint>

#include "../fd.h"

namespace mcpo {

// A new, empty tmpfs, declared ours. nosuid and nodev always.
Fd MakeTmpfs(std::uint64_t sizeBytes, std::uint32_t inodes, std::uint32_t mode, std::uint64_t attributes,
             const char* step);

// A copy of the mounts at `path` below `folder`, submounts included, with these attributes set on all of
// them.
Fd CopyTree(int folder, const char* path, std::uint64_t attributes, const char* step);

void SetAttributes(int tree, std::uint64_t attributes, unsigned recursive, const char* step);

// Puts `tree` on top of what `target` refers to.
void Attach(int tree, int target, const char* step, const char* detail);

}  // namespace mcpo
