#include "cover.h"

#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "../syscalls.h"
#include "detached.h"
#include "report.h"
#include "target.h"

namespace mcpo {
namespace {

bool IsAbsent(const Fd& target, bool optional) {
  return !target && optional && (errno == ENOENT || errno == ENOTDIR);
}

void CopyOntoItself(int root, const char* path, bool optional, std::uint64_t attributes, const char* step) {
  const Fd target = FindTarget(root, path);
  if (IsAbsent(target, optional)) return;
  Require(target.get(), step, path);
  const Fd tree = CopyTree(target.get(), "", attributes, step);
  Attach(tree.get(), target.get(), step, path);
}

// Something of the workbench, by its path.
class CoverPath {
 public:
  CoverPath(const NewRoot& made, const char* name) {
    snprintf(path_, sizeof path_, "%s/%s", made.workbenchPath, name);
  }

  // Over `name` in the working directory. False, with errno set, where the kernel refuses: something of the
  // other kind, for one. Read-only and without programs, as the workbench is.
  bool Put(const char* name) const { return mount(path_, name, nullptr, MS_BIND, nullptr) == 0; }

 private:
  char path_[16];
};

}  // namespace

void MakeReadOnly(int root, const char* path, bool optional) {
  CopyOntoItself(root, path, optional, sys::kMountReadOnly, "readonly");
}

void Pin(int root, const char* path, bool optional) {
  CopyOntoItself(root, path, optional, 0, "pin");
}

void CoverWithItself(const NewRoot& made, const char* path) {
  const Fd named = FindTargetItself(made.root.get(), path);
  Require(named.get(), "guard", path);
  struct stat facts{};
  Require(fstat(named.get(), &facts), "guard", path);
  if (!S_ISLNK(facts.st_mode)) return MakeReadOnly(made.root.get(), path, false);
  const Fd led = FindTarget(made.root.get(), path);
  if (!led || fstat(led.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) {
    return Cover(made, named, "empty", "guard", path);
  }
  const Fd tree = CopyTree(led.get(), "", sys::kMountReadOnly, "guard");
  Attach(tree.get(), named.get(), "guard", path);
}

void Mask(const NewRoot& made, const char* path, bool optional) {
  const Fd target = FindTarget(made.root.get(), path);
  if (IsAbsent(target, optional)) return;
  Require(target.get(), "mask", path);
  struct stat facts{};
  Require(fstat(target.get(), &facts), "mask", path);
  Cover(made, target, S_ISDIR(facts.st_mode) ? "void" : "empty", "mask", path);
}

void Cover(const NewRoot& made, const Fd& target, const char* name, const char* step, const char* path) {
  // Read-only and without programs, as the workbench is.
  const Fd tree = CopyTree(made.workbench.get(), name, 0, step);
  Attach(tree.get(), target.get(), step, path);
}

void MaskNames(const NewRoot& made, const Fd& folder, const Names& names, const char* step) {
  const CoverPath file(made, "empty");
  const CoverPath nothing(made, "void");
  Require(fchdir(folder.get()), step);
  const auto mask = [step](const char* name, const CoverPath& likely, const CoverPath& other) {
    if (likely.Put(name) || errno == ENOENT) return;
    if (!other.Put(name)) Fail(step, name);
  };
  for (const char* name : names.files) mask(name, file, nothing);
  for (const char* name : names.folders) mask(name, nothing, file);
}

}  // namespace mcpo
