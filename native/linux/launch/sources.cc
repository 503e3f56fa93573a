#include "sources.h"

#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <cerrno>

#include "../fd.h"
#include "../syscalls.h"
#include "idmap.h"
#include "layers.h"
#include "report.h"
#include "rights.h"

namespace mcpo {
namespace {

constexpr int kNotOpened = -2;
constexpr int kAbsent = -1;

// By index of the mount operation. Filled by OpenSourcesOnHost, on the host.
int trees[kMaxMounts];
bool openedOnHost = false;

bool IsAbsent(int error) {
  return error == ENOENT || error == ENOTDIR;
}

// What the policy says about the tree holds from before it is attached anywhere. Private: the host's mounts
// are mostly shared, and what covers a name of the copy would cover it on the host.
void Restrict(int tree, const MountOperation& bind) {
  sys::MountAttributes attributes{};
  const std::uint64_t noSuid = layers::Has(Layer::kNoSuidMounts) ? sys::kMountNoSuid : 0;
  attributes.set = noSuid | sys::kMountNoDev | (bind.readOnly ? sys::kMountReadOnly : 0);
  attributes.propagation = MS_PRIVATE;
  Require(sys::MountSetattr(tree, sys::kRecursive, attributes), "bind", bind.source.data);
}

int OpenSource(const MountOperation& bind) {
  const char* path = bind.source.data;
  Progress("open", path);
  // The gateway has resolved all links. One that is met now was put there meanwhile, by who can write on the
  // way: perhaps another server.
  const Fd source(sys::OpenAt2(AT_FDCWD, path, O_PATH | O_CLOEXEC, sys::kResolveNoSymlinks));
  if (!source && bind.optional && IsAbsent(errno)) return kAbsent;
  Require(source.get(), "open", path);
  Fd tree(Require(sys::OpenTree(source.get(), "", sys::kEmptyPath | sys::kRecursive), "bind", path));
  Restrict(tree.get(), bind);
  return tree.Release();
}

void GiveToServer(int tree, const MountOperation& bind, const Plan& plan) {
  if (!plan.userNamespace) return RequireRights(tree, bind, plan);
  MapOwner(tree, plan.hostUid, bind.source.data);
}

// What is left of `path` below `folder`; null when it is not there.
const char* Below(const char* path, const Text& folder) {
  if (strncmp(path, folder.data, folder.size) != 0) return nullptr;
  if (path[folder.size] == 0) return ".";
  return path[folder.size] == '/' ? path + folder.size + 1 : nullptr;
}

}  // namespace

void OpenSourcesOnHost(const Plan& plan) {
  for (std::uint32_t index = 0; index < plan.mounts.size; ++index) {
    const MountOperation& operation = plan.mounts.data[index];
    trees[index] = kNotOpened;
    if (operation.kind != MountKind::kBind) continue;
    trees[index] = OpenSource(operation);
    if (trees[index] >= 0 && operation.idmap) GiveToServer(trees[index], operation, plan);
  }
  CloseOwnerMaps();
  openedOnHost = true;
}

int TakeSource(const Plan& plan, std::uint32_t index) {
  if (!openedOnHost) return OpenSource(plan.mounts.data[index]);
  const int tree = trees[index];
  trees[index] = kNotOpened;
  return tree;
}

Fd OpenInSources(const Plan& plan, const char* folder) {
  int tree = AT_FDCWD;
  const char* path = folder;
  std::uint32_t longest = 0;
  for (std::uint32_t index = 0; openedOnHost && index < plan.mounts.size; ++index) {
    const Text& source = plan.mounts.data[index].source;
    if (trees[index] < 0 || source.size < longest || Below(folder, source) == nullptr) continue;
    longest = source.size;
    tree = trees[index];
    path = Below(folder, source);
  }
  return Fd(sys::OpenAt2(tree, path, O_PATH | O_DIRECTORY | O_CLOEXEC, sys::kResolveNoSymlinks));
}

void CloseSources(const Plan& plan) {
  if (!openedOnHost) return;
  for (std::uint32_t index = 0; index < plan.mounts.size; ++index) {
    if (trees[index] >= 0) close(trees[index]);
    trees[index] = kNotOpened;
  }
}

}  // namespace mcpo
