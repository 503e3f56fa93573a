#include "guards.h"

#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>

#include "../fd.h"
#include "cover.h"
#include "ids.h"
#include "report.h"
#include "sources.h"

namespace mcpo {
namespace {

constexpr int kMaxAttempts = 16;
constexpr std::size_t kMaxContent = 512;
// What marks a folder or a file as ours beside being empty or having the content.
constexpr mode_t kFolderMode = 0555;
constexpr mode_t kFileMode = 0444;

struct Guarded {
  // The server could not make it either: its rights do not suffice, or the file system is read-only.
  bool passedOver = false;
  // Of a name that is taken, else -1. The lock is on `taken`: shared by all sandboxes that rely on it.
  int parent = -1;
  int taken = -1;
};

// By index of the mount operation.
Guarded guarded[kMaxMounts];

const char* NameOf(const MountOperation& guard) {
  const char* slash = strrchr(guard.target.data, '/');
  if (slash == nullptr || slash[1] == 0) FailWith("guard", EINVAL, guard.target.data);
  return slash + 1;
}

Fd OpenParent(const Plan& plan, const MountOperation& guard) {
  char folder[4096];
  const std::size_t length = static_cast<std::size_t>(NameOf(guard) - 1 - guard.target.data);
  if (length >= sizeof folder) FailWith("guard", ENAMETOOLONG, guard.target.data);
  memcpy(folder, guard.target.data, length);
  folder[length] = 0;
  return OpenInSources(plan, folder);
}

bool HasContent(int file, const Text& content) {
  char text[kMaxContent + 1];
  const ssize_t size = pread(file, text, sizeof text, 0);
  return size == static_cast<ssize_t>(content.size) && memcmp(text, content.data, content.size) == 0;
}

// Whether what has the name is what a sandbox put there. That a folder is empty is seen when it is removed.
bool IsOurs(int taken, const MountOperation& guard) {
  struct stat facts{};
  if (fstat(taken, &facts) != 0) return false;
  if (guard.content.size == 0) return S_ISDIR(facts.st_mode) && (facts.st_mode & 07777) == kFolderMode;
  return S_ISREG(facts.st_mode) && (facts.st_mode & 07777) == kFileMode && HasContent(taken, guard.content);
}

// A file that a sandbox has made and not yet written.
bool IsBegun(int taken, const MountOperation& guard) {
  struct stat facts{};
  return guard.content.size != 0 && fstat(taken, &facts) == 0 && S_ISREG(facts.st_mode) &&
         (facts.st_mode & 07777) == kFileMode && facts.st_size == 0;
}

bool HasName(int taken, int parent, const char* name) {
  struct stat own{};
  struct stat named{};
  return fstat(taken, &own) == 0 && fstatat(parent, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

int Make(int parent, const MountOperation& guard) {
  if (guard.content.size == 0) return mkdirat(parent, NameOf(guard), kFolderMode);
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const Fd file(openat(parent, NameOf(guard), flags, kFileMode));
  if (!file) return -1;
  const ssize_t written = write(file.get(), guard.content.data, guard.content.size);
  return written == static_cast<ssize_t>(guard.content.size) ? 0 : -1;
}

// An owner could give itself the right that it lacks now.
bool IsBeyondTheServer(int parent, int error) {
  struct stat facts{};
  if (error == EROFS) return true;
  return (error == EACCES || error == EPERM || error == EOVERFLOW) && fstat(parent, &facts) == 0 &&
         facts.st_uid != CurrentFsUid();
}

// Locked while it has its name, so that a sandbox that ends meanwhile does not take it away.
bool Hold(Guarded& state, const Fd& parent, const MountOperation& guard) {
  const int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
  Fd taken(openat(parent.get(), NameOf(guard), flags));
  if (!taken && errno == ENOENT) return false;
  // A link, a pipe, or one that may not be read: the user's own.
  if (!taken || !(IsOurs(taken.get(), guard) || IsBegun(taken.get(), guard))) return true;
  // Waits for a sandbox that is about to take it away.
  const bool locked = flock(taken.get(), LOCK_SH) == 0;
  if (!HasName(taken.get(), parent.get(), NameOf(guard))) return false;
  if (!locked) return true;
  state.parent = Require(fcntl(parent.get(), F_DUPFD_CLOEXEC, 0), "guard", guard.target.data);
  state.taken = taken.Release();
  return true;
}

void Take(const Plan& plan, std::uint32_t index) {
  const MountOperation& guard = plan.mounts.data[index];
  const char* path = guard.target.data;
  Progress("guard", path);
  if (guard.content.size > kMaxContent) FailWith("guard", E2BIG, path);
  const Fd parent = OpenParent(plan, guard);
  Require(parent.get(), "guard", path);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (Hold(guarded[index], parent, guard)) return;
    if (Make(parent.get(), guard) == 0 || errno == EEXIST) continue;
    if (!IsBeyondTheServer(parent.get(), errno)) Fail("guard", path);
    guarded[index].passedOver = true;
    return;
  }
  FailWith("guard", EAGAIN, path);
}

void Free(const MountOperation& guard, const Guarded& state) {
  const int flags = guard.content.size == 0 ? AT_REMOVEDIR : 0;
  if (flock(state.taken, LOCK_EX | LOCK_NB) != 0 || !HasName(state.taken, state.parent, NameOf(guard)))
    return;
  // Somebody's own by now: it stays.
  if (!IsOurs(state.taken, guard)) return;
  unlinkat(state.parent, NameOf(guard), flags);
}

template <class Each>
void ForEachGuard(const Plan& plan, Each each) {
  for (std::uint32_t index = 0; index < plan.mounts.size; ++index) {
    if (plan.mounts.data[index].kind == MountKind::kGuard) each(index);
  }
}

}  // namespace

void TakeGuardedNames(const Plan& plan) {
  const FsUidOfServer rights(plan);
  ForEachGuard(plan, [&](std::uint32_t index) { Take(plan, index); });
}

void Guard(const NewRoot& made, const Plan& plan, std::uint32_t index) {
  if (!guarded[index].passedOver) CoverWithItself(made, plan.mounts.data[index].target.data);
}

void FreeGuardedNames(const Plan& plan) {
  ForEachGuard(plan, [&](std::uint32_t index) {
    if (guarded[index].taken >= 0) Free(plan.mounts.data[index], guarded[index]);
  });
}

}  // namespace mcpo
