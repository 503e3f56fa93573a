// Changing how something that is already in the new root shows. `optional`: passed over when it is not there.
#pragma once

#include <span>

#include "root.h"

namespace mcpo {

// Read-only from `path` down, submounts included.
void MakeReadOnly(int root, const char* path, bool optional);

// A mount point of its own, which cannot be renamed or removed. A folder above it still can: pin each.
void Pin(int root, const char* path, bool optional);

// Read-only from `path` down, where it is there for certain. A symbolic link is covered too: by what it leads
// to, or by an empty file, so that no other can take its place.
void CoverWithItself(const NewRoot& made, const char* path);

// Nothing to see: an empty read-only folder over a folder, an empty read-only file over anything else.
void Mask(const NewRoot& made, const char* path, bool optional);

// By what they are expected to be, which saves asking.
struct Names {
  std::span<const char* const> files;
  std::span<const char* const> folders;
};

// The same for names in a folder, whatever they are, absent ones passed over, in one system call each.
// Changes the working directory.
void MaskNames(const NewRoot& made, const Fd& folder, const Names& names, const char* step);

// `path` shows the file or folder `name` of the workbench.
void Cover(const NewRoot& made, const Fd& target, const char* name, const char* step, const char* path);

}  // namespace mcpo
