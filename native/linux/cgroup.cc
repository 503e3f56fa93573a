#include <fcntl.h>
#include <sys/file.h>
#include <sys/xattr.h>

#include <cerrno>

#include "../core/backend.h"
#include "fd.h"

namespace mcpo {

Failure OpenLocked(const char* folder, bool exclusive, int& fd) {
  Fd opened(open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!opened) return {"open", errno};
  if (flock(opened.get(), (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) return {"flock", errno};
  fd = opened.Release();
  return {};
}

// systemd's mark on what it delegates: the first is root's to read, the second (systemd 251) everybody's.
bool IsMarkedDelegated(const char* folder) {
  for (const char* name : {"trusted.delegate", "user.delegate"}) {
    char value = 0;
    if (getxattr(folder, name, &value, 1) == 1 && value == '1') return true;
  }
  return false;
}

}  // namespace mcpo
