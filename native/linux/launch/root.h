// The new root directory, and where it is put together.
#pragma once

#include "../../core/plan.h"
#include "../fd.h"

namespace mcpo {

struct NewRoot {
  // Empty, read-only things to cover others with: `empty` (a file), `void` (a folder), `boot_id`.
  Fd workbench;
  // Where it lies until the new root is entered.
  const char* workbenchPath;
  // The future root directory, already attached, so that mounts can be put below it.
  Fd root;
  // An empty folder of its own, to become /dev; writable and without programs.
  Fd dev;
};

// Nothing that is mounted from here on shows outside, nor the other way round. Then lays the workbench with
// the new root over the host's /proc: all other absolute paths keep meaning the host's.
NewRoot MakeRoot(RootKind kind);

// The new root becomes the root directory; the host's tree is gone from this namespace.
void EnterRoot(const NewRoot& made, RootKind kind);

}  // namespace mcpo
