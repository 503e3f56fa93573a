#include "rights.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "../syscalls.h"
#include "ids.h"
#include "report.h"

namespace mcpo {

void RequireRights(int tree, const MountOperation& bind, const Plan& plan) {
  struct stat facts{};
  Require(fstat(tree, &facts), "rights", bind.source.data);
  const int enter = S_ISDIR(facts.st_mode) ? X_OK : 0;
  const int change = bind.readOnly ? 0 : W_OK;
  const FsUidOfServer rights(plan);
  // A file system that is read-only itself is no matter of whose file it is.
  if (sys::AccessOf(tree, R_OK | enter | change) == 0 || errno == EROFS) return;
  const int error = errno;
  char detail[PATH_MAX + 32];
  snprintf(detail, sizeof detail, "%s as uid %u", bind.source.data, plan.hostUid);
  FailWith("rights", error, detail);
}

}  // namespace mcpo
