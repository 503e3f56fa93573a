#include "mounts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "../../fd.h"
#include "../report.h"
#include "facts.h"
#include "mount_line.h"

namespace mcpo {
namespace {

// Longer than any line: two paths, each byte escaped, and options.
constexpr std::size_t kBufferBytes = 64u << 10;

// By index of the mount operation: the mount that is on top at its target, where that must be read-only; else
// 0.
std::uint64_t mustBeReadOnly[kMaxMounts];

// 0 where there is nothing, or nothing that can be reached.
std::uint64_t MountAt(const char* path) {
  struct statx facts{};
  const int flags = AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;
  return statx(AT_FDCWD, path, flags, STATX_MNT_ID, &facts) == 0 ? facts.stx_mnt_id : 0;
}

bool IsHidden(const Plan& plan, std::uint32_t index) {
  const char* const target = plan.mounts.data[index].target.data;
  for (std::uint32_t later = index + 1; later < plan.mounts.size; ++later) {
    if (Hides(plan.mounts.data[later], target)) return true;
  }
  return false;
}

void FindReadOnly(const Plan& plan) {
  for (std::uint32_t index = 0; index < plan.mounts.size; ++index) {
    const MountOperation& operation = plan.mounts.data[index];
    const bool applies = MakesReadOnly(operation) && !IsHidden(plan, index);
    mustBeReadOnly[index] = applies ? MountAt(operation.target.data) : 0;
  }
}

bool MustBeReadOnly(const Plan& plan, std::uint64_t id) {
  for (std::uint32_t index = 0; index < plan.mounts.size; ++index) {
    if (mustBeReadOnly[index] == id) return true;
  }
  return false;
}

// Where a target really is: links may stand in its path.
bool Resolve(const char* target, char (&path)[PATH_MAX]) {
  const Fd file(open(target, O_PATH | O_CLOEXEC));
  if (!file) return false;
  char link[32];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file.get());
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return false;
  path[size] = 0;
  return true;
}

using Predicate = bool (*)(const MountOperation&, const char* target, const char* point);

bool AnyOperation(const Plan& plan, const char* point, Predicate holds) {
  for (const MountOperation& operation : plan.mounts) {
    if (holds(operation, operation.target.data, point)) return true;
  }
  char path[PATH_MAX];
  for (const MountOperation& operation : plan.mounts) {
    if (operation.target.size == 0 || !Resolve(operation.target.data, path)) continue;
    if (holds(operation, path, point)) return true;
  }
  return false;
}

bool MayBeWritable(const Plan& plan, const MountLine& mount) {
  if (MustBeReadOnly(plan, mount.id)) return false;
  if (plan.root == RootKind::kHostReadWrite) return true;
  return AnyOperation(plan, mount.point, MakesWritable);
}

bool IsPlanned(const Plan& plan, const char* point) {
  return plan.root != RootKind::kMinimal || strcmp(point, "/") == 0 || AnyOperation(plan, point, MakesMount);
}

void CheckMount(const Plan& plan, char* line) {
  MountLine mount;
  if (!ParseMountLine(line, mount)) Mismatch("mountinfo", line);
  if (!mount.noSuid) Mismatch("mount that honours setuid bits", mount.point);
  if (!mount.noDev && !IsDeviceNode(mount.point)) Mismatch("mount that honours devices", mount.point);
  if (!mount.readOnly && !MayBeWritable(plan, mount)) Mismatch("writable mount", mount.point);
  if (!IsPlanned(plan, mount.point)) Mismatch("mount that is not in the plan", mount.point);
}

// Whole lines of `text`, checked; what is left of the last one.
char* CheckLines(const Plan& plan, char* text, unsigned long& count) {
  for (char* end = strchr(text, '\n'); end != nullptr; end = strchr(text, '\n')) {
    *end = 0;
    CheckMount(plan, text);
    ++count;
    text = end + 1;
  }
  return text;
}

unsigned long CheckAll(const Plan& plan) {
  const char* const path = "/proc/self/mountinfo";
  const Fd file(Require(open(path, O_RDONLY | O_CLOEXEC), "self-check", path));
  static char buffer[kBufferBytes];
  std::size_t kept = 0;
  unsigned long count = 0;
  for (;;) {
    if (kept + 1 == sizeof buffer) FailWith("self-check", EFBIG, path);
    const ssize_t got = read(file.get(), buffer + kept, sizeof buffer - 1 - kept);
    if (got < 0) Fail("self-check", path);
    if (got == 0) return count;
    buffer[kept + static_cast<std::size_t>(got)] = 0;
    const char* const rest = CheckLines(plan, buffer, count);
    kept = strlen(rest);
    memmove(buffer, rest, kept + 1);
  }
}

}  // namespace

void CheckRoot() {
  if (MountAt("/") != MountAt("/..")) Mismatch("mount", "the host's tree is above the root directory");
  char path[PATH_MAX];
  if (getcwd(path, sizeof path) == nullptr || path[0] != '/')
    Mismatch("working directory", "not below the root");
}

unsigned long CheckMounts(const Plan& plan) {
  CheckRoot();
  FindReadOnly(plan);
  return CheckAll(plan);
}

}  // namespace mcpo
