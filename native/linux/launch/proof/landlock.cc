#include "landlock.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "../layers.h"
#include "proof.h"

namespace mcpo {
namespace {

// LANDLOCK_ACCESS_FS_MAKE_CHAR: in no rule of any plan.
constexpr std::uint64_t kMakeDevice = 1u << 6;

const char* found = "absent";

// Landlock is asked before the capability that a device needs: its EACCES comes first, EPERM only where it
// let it pass. Not a whiteout (device 0:0), which needs no capability: Linux 7.2 lets it pass under this very
// rule. False when something else refused.
bool IsRefused(const char* folder) {
  char path[PATH_MAX];
  const int size = snprintf(path, sizeof path, "%s/.mcpo-proof", folder);
  if (size < 0 || static_cast<std::size_t>(size) >= sizeof path) return false;
  const bool isMade = mknodat(AT_FDCWD, path, S_IFCHR, makedev(1, 3)) == 0;
  const int refusal = errno;
  if (isMade) unlink(path);
  if (isMade || refusal == EPERM) Mismatch("Landlock", "a device could be made");
  return refusal == EACCES;
}

const char* FolderOf(const MountOperation& operation) {
  if (operation.kind == MountKind::kTmpfs) return operation.target.data;
  return operation.kind == MountKind::kDev ? "/dev/shm" : nullptr;
}

}  // namespace

void ProveLandlock(const Plan& plan) {
  if (!layers::Has(Layer::kSelfCheck) || !plan.landlock.enabled) return;
  found = "untried";
  if ((plan.landlock.handledFs & kMakeDevice) == 0) return;
  for (const MountOperation& operation : plan.mounts) {
    const char* const folder = FolderOf(operation);
    if (folder == nullptr || !IsRefused(folder)) continue;
    found = "proved";
    return;
  }
}

void AddLandlock(Facts& facts) {
  facts.Add("Landlock", found);
}

}  // namespace mcpo
