#include "cover.h"

#include <sys/stat.h>

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

// Covers for names of one kind, copied ahead: a name takes one, and an absent name leaves it for the next.
class Covers {
 public:
  Covers(const NewRoot& made, const char* name) : workbench_(made.workbench), name_(name) {}

  // False, with errno set, where the kernel refuses: a name of the other kind, for one.
  bool Put(const Fd& folder, const char* name, const char* step) {
    if (!next_) next_ = CopyTree(workbench_.get(), name_, 0, step);
    if (sys::MoveMount(next_.get(), folder.get(), name, 0) != 0) return false;
    next_.Close();
    return true;
  }

 private:
  const Fd& workbench_;
  const char* name_;
  Fd next_;
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
  Covers files(made, "empty");
  Covers folders(made, "void");
  const auto mask = [&](const char* name, Covers& likely, Covers& other) {
    if (likely.Put(folder, name, step) || errno == ENOENT) return;
    if (!other.Put(folder, name, step)) Fail(step, name);
  };
  for (const char* name : names.files) mask(name, files, folders);
  for (const char* name : names.folders) mask(name, folders, files);
}

}  // namespace mcpo
