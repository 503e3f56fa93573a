// Places in the new root. They are looked up as if it were already the root directory, so that no link of the
// host leads out of it, and created only on file systems that this launcher made: never on the host's.
#pragma once

#include <sys/types.h>

#include "../fd.h"

namespace mcpo {

enum class TargetKind { kFolder, kFile };

// Declares the file system of `fd` ours.
void RememberOwnFilesystem(int fd, const char* step);

// Fails when `fd` lies on a file system that is not ours: nothing is created on the host.
void RequireOwnFilesystem(int fd, const char* step, const char* path);

// O_PATH descriptor of an existing target; an empty one, with errno set, when it cannot be had.
Fd FindTarget(int root, const char* path);

// The same of a symbolic link itself, when the last name is one.
Fd FindTargetItself(int root, const char* path);

// The same, created with its parents (0755) where it is not there yet: a new file's descriptor is open for
// writing.
Fd EnsureTarget(int root, const char* path, TargetKind kind, mode_t mode, const char* step);

// The parent of `path`, created where it is not there yet, and in `name` the last component.
Fd EnsureParent(int root, const char* path, const char*& name, const char* step);

}  // namespace mcpo
