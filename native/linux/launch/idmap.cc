#include "idmap.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "../syscalls.h"
#include "ids.h"
#include "process.h"
#include "report.h"

namespace mcpo {
namespace {

struct OwnerMap {
  uid_t uid;
  gid_t gid;
  int userNamespace;
};

// Most plans have one owner or two; a full table starts again.
constexpr int kMaxOwners = 16;
OwnerMap owners[kMaxOwners];
int ownerCount = 0;

pid_t StartHolder() {
  const long pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr);
  if (pid != 0) return static_cast<pid_t>(pid);
  DieWithParent();
  for (;;) pause();
}

// A user namespace can only be had from a process in it: one that does nothing and is killed again.
int MakeUserNamespace(uid_t uid, gid_t gid, unsigned hostUid) {
  const pid_t holder = Require(StartHolder(), "idmap");
  WriteIdMaps(holder, uid, hostUid, gid, hostUid);
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/user", static_cast<int>(holder));
  const int userNamespace = open(path, O_RDONLY | O_CLOEXEC);
  const int error = errno;
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  if (userNamespace < 0) FailWith("idmap", error, path);
  return userNamespace;
}

int UserNamespaceFor(uid_t uid, gid_t gid, unsigned hostUid) {
  for (int index = 0; index < ownerCount; ++index) {
    if (owners[index].uid == uid && owners[index].gid == gid) return owners[index].userNamespace;
  }
  if (ownerCount == kMaxOwners) CloseOwnerMaps();
  const int userNamespace = MakeUserNamespace(uid, gid, hostUid);
  owners[ownerCount++] = {uid, gid, userNamespace};
  return userNamespace;
}

}  // namespace

void MapOwner(int tree, unsigned hostUid, const char* path) {
  struct stat facts{};
  Require(fstat(tree, &facts), "idmap", path);
  sys::MountAttributes attributes{};
  attributes.set = sys::kMountIdmap;
  attributes.userNamespace =
      static_cast<std::uint64_t>(UserNamespaceFor(facts.st_uid, facts.st_gid, hostUid));
  if (sys::MountSetattr(tree, sys::kRecursive, attributes) == 0) return;
  // One submount that cannot (FUSE, NFS, proc) must not cost the owner of the folder itself.
  Note("not id-mapped with its submounts", path);
  if (sys::MountSetattr(tree, 0, attributes) != 0) Note("not id-mapped", path);
}

void CloseOwnerMaps() {
  while (ownerCount > 0) close(owners[--ownerCount].userNamespace);
}

}  // namespace mcpo
