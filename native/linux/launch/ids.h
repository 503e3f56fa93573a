// Who the sandbox is: uid and gid 1000 inside, one unprivileged id outside. Never 0, on neither side. Without
// a user namespace there is the one outside only.
#pragma once

#include <sys/types.h>

#include "../../core/plan.h"
#include "layers.h"

namespace mcpo {

inline unsigned InsideId() {
  return layers::Has(Layer::kOwnIds) ? 1000 : 0;
}

// Maps one id of the namespace of `pid` to one of ours: `inside outside 1`, and forbids setgroups there.
void WriteIdMaps(pid_t pid, unsigned insideUid, unsigned outsideUid, unsigned insideGid, unsigned outsideGid);

// In the new user namespace: becomes InsideId() for good.
void BecomeInsideId();

// Without a user namespace, as root: becomes `uid` for good, and keeps the capabilities that build a sandbox.
// What it finds and makes from now on it does with the server's own rights.
void BecomeBuilder(unsigned uid);

// Until it ends, files are made and opened with the server's rights: those of the caller, or of the plan's
// host uid.
class FsUidOfServer {
 public:
  explicit FsUidOfServer(const Plan& plan);
  FsUidOfServer(const FsUidOfServer&) = delete;
  FsUidOfServer& operator=(const FsUidOfServer&) = delete;
  ~FsUidOfServer();

 private:
  const bool changed_;
};

// Who makes and opens files now.
uid_t CurrentFsUid();

// On the host, as root: becomes `uid` with no capability, no group, and no way back.
void DropToHostUid(unsigned uid);

}  // namespace mcpo
