#include "target.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include <cerrno>

#include "../syscalls.h"
#include "report.h"

namespace mcpo {
namespace {

constexpr int kMaxOwnFilesystems = 64;
dev_t ownFilesystems[kMaxOwnFilesystems];
int ownFilesystemCount = 0;

bool IsOwnFilesystem(int fd, const char* step, const char* path) {
  struct stat facts{};
  Require(fstat(fd, &facts), step, path);
  for (int index = 0; index < ownFilesystemCount; ++index) {
    if (ownFilesystems[index] == facts.st_dev) return true;
  }
  return false;
}

// Empty where there is something of that name, or nothing may be created.
Fd Create(int parent, const char* name, TargetKind kind, mode_t mode, const char* step, const char* path) {
  if (!IsOwnFilesystem(parent, step, path)) return Fd();
  const bool folder = kind == TargetKind::kFolder;
  if (folder && mkdirat(parent, name, mode) != 0) {
    if (errno != EEXIST) Fail(step, path);
    return Fd();
  }
  const int flags = folder ? O_PATH | O_DIRECTORY : O_WRONLY | O_CREAT | O_EXCL;
  Fd made(openat(parent, name, flags | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!made && (folder || errno != EEXIST)) Fail(step, path);
  return made;
}

// Every folder of `path` in turn; changes `path` on the way and puts it back.
Fd EnsureFolders(int root, char* path, const char* step) {
  // Most are there already.
  Fd current = FindTarget(root, *path == 0 ? "/" : path);
  if (current) return current;
  current = FindTarget(root, "/");
  for (char* start = path; *start != 0;) {
    char* name = start + 1;
    char* end = strchrnul(name, '/');
    const char after = *end;
    *end = 0;
    Fd next = FindTarget(root, path);
    if (!next && errno == ENOENT) next = Create(current.get(), name, TargetKind::kFolder, 0755, step, path);
    if (!next) RequireOwnFilesystem(current.get(), step, path);
    Require(next.get(), step, path);
    current = static_cast<Fd&&>(next);
    *end = after;
    start = end;
  }
  return current;
}

}  // namespace

void RememberOwnFilesystem(int fd, const char* step) {
  struct stat facts{};
  Require(fstat(fd, &facts), step);
  if (ownFilesystemCount == kMaxOwnFilesystems) FailWith(step, ENOSPC, "more than 64 tmpfs");
  ownFilesystems[ownFilesystemCount++] = facts.st_dev;
}

void RequireOwnFilesystem(int fd, const char* step, const char* path) {
  if (!IsOwnFilesystem(fd, step, path)) FailWith(step, EROFS, path);
}

Fd FindTarget(int root, const char* path) {
  return Fd(sys::OpenAt2(root, path, O_PATH | O_CLOEXEC, sys::kResolveInRoot | sys::kResolveNoMagicLinks));
}

Fd FindTargetItself(int root, const char* path) {
  const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  return Fd(sys::OpenAt2(root, path, flags, sys::kResolveInRoot | sys::kResolveNoMagicLinks));
}

Fd EnsureParent(int root, const char* path, const char*& name, const char* step) {
  const char* slash = strrchr(path, '/');
  if (slash == nullptr || slash[1] == 0) FailWith(step, EINVAL, path);
  name = slash + 1;
  char folder[PATH_MAX];
  const std::size_t length = static_cast<std::size_t>(slash - path);
  if (length >= sizeof folder) FailWith(step, ENAMETOOLONG, path);
  memcpy(folder, path, length);
  folder[length] = 0;
  return EnsureFolders(root, folder, step);
}

Fd EnsureTarget(int root, const char* path, TargetKind kind, mode_t mode, const char* step) {
  const char* name = nullptr;
  const Fd parent = EnsureParent(root, path, name, step);
  Fd target = Create(parent.get(), name, kind, mode, step, path);
  if (!target) target = FindTarget(root, path);
  if (!target && errno == ENOENT) RequireOwnFilesystem(parent.get(), step, path);
  Require(target.get(), step, path);
  return target;
}

}  // namespace mcpo
