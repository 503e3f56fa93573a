#include "path_calls.h"

namespace mcpo::seccomp {
namespace {

constexpr PathCall kPathCalls[] = {
    {"open", -1, 0, Intent::kByFlags, 1}, {"openat", 0, 1, Intent::kByFlags, 2},
    {"creat", -1, 0, Intent::kWrite},     {"execve", -1, 0, Intent::kExecute},
    {"access", -1, 0, Intent::kRead},     {"faccessat", 0, 1, Intent::kRead},
    {"faccessat2", 0, 1, Intent::kRead},  {"stat", -1, 0, Intent::kRead},
    {"lstat", -1, 0, Intent::kRead},      {"newfstatat", 0, 1, Intent::kRead},
    {"statx", 0, 1, Intent::kRead},       {"readlink", -1, 0, Intent::kRead},
    {"readlinkat", 0, 1, Intent::kRead},  {"chdir", -1, 0, Intent::kRead},
    {"truncate", -1, 0, Intent::kWrite},  {"mkdir", -1, 0, Intent::kWrite},
    {"mkdirat", 0, 1, Intent::kWrite},    {"rmdir", -1, 0, Intent::kWrite},
    {"unlink", -1, 0, Intent::kWrite},    {"unlinkat", 0, 1, Intent::kWrite},
    {"rename", -1, 0, Intent::kWrite},    {"rename", -1, 1, Intent::kWrite},
    {"renameat", 0, 1, Intent::kWrite},   {"renameat", 2, 3, Intent::kWrite},
    {"renameat2", 0, 1, Intent::kWrite},  {"renameat2", 2, 3, Intent::kWrite},
    {"link", -1, 0, Intent::kRead},       {"link", -1, 1, Intent::kWrite},
    {"linkat", 0, 1, Intent::kRead},      {"linkat", 2, 3, Intent::kWrite},
    {"symlink", -1, 1, Intent::kWrite},   {"symlinkat", 1, 2, Intent::kWrite},
    {"chmod", -1, 0, Intent::kWrite},     {"fchmodat", 0, 1, Intent::kWrite},
    {"fchmodat2", 0, 1, Intent::kWrite},  {"utimensat", 0, 1, Intent::kWrite},
    {"mknod", -1, 0, Intent::kWrite},     {"mknodat", 0, 1, Intent::kWrite},
};

}  // namespace

std::span<const PathCall> PathCalls() {
  return kPathCalls;
}

}  // namespace mcpo::seccomp
