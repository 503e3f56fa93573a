#include "mounts.h"

#include <sys/stat.h>

#include <cerrno>

#include "../syscalls.h"
#include "cover.h"
#include "detached.h"
#include "devices.h"
#include "guards.h"
#include "proc.h"
#include "report.h"
#include "sources.h"
#include "target.h"

namespace mcpo {
namespace {

void Tmpfs(const NewRoot& made, const MountOperation& operation) {
  const Fd tree = MakeTmpfs(operation.sizeBytes, operation.inodes, operation.mode, 0, "tmpfs");
  const char* path = operation.target.data;
  const Fd target = EnsureTarget(made.root.get(), path, TargetKind::kFolder, 0755, "tmpfs");
  Attach(tree.get(), target.get(), "tmpfs", path);
}

void Dir(const NewRoot& made, const MountOperation& operation) {
  EnsureTarget(made.root.get(), operation.target.data, TargetKind::kFolder, operation.mode, "dir");
}

void File(const NewRoot& made, const MountOperation& operation) {
  const char* path = operation.target.data;
  const char* name = nullptr;
  const Fd parent = EnsureParent(made.root.get(), path, name, "file");
  RequireOwnFilesystem(parent.get(), "file", path);
  const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const Fd file(Require(openat(parent.get(), name, flags, operation.mode), "file", path));
  const Text& content = operation.content;
  if (write(file.get(), content.data, content.size) != static_cast<ssize_t>(content.size)) Fail("file", path);
}

void Symlink(const NewRoot& made, const MountOperation& operation) {
  const char* path = operation.target.data;
  const char* name = nullptr;
  const Fd parent = EnsureParent(made.root.get(), path, name, "symlink");
  RequireOwnFilesystem(parent.get(), "symlink", path);
  Require(symlinkat(operation.source.data, parent.get(), name), "symlink", path);
}

void Bind(const NewRoot& made, const MountOperation& operation, int source) {
  const Fd tree(source);
  if (!tree) return;
  const char* path = operation.target.data;
  struct stat facts{};
  Require(fstat(tree.get(), &facts), "bind", path);
  const bool folder = S_ISDIR(facts.st_mode);
  const TargetKind kind = folder ? TargetKind::kFolder : TargetKind::kFile;
  const Fd target = EnsureTarget(made.root.get(), path, kind, folder ? 0755 : 0644, "bind");
  Attach(tree.get(), target.get(), "bind", path);
}

void Run(const Plan& plan, std::uint32_t index, const NewRoot& made) {
  const MountOperation& operation = plan.mounts.data[index];
  const int root = made.root.get();
  switch (operation.kind) {
    case MountKind::kTmpfs:
      return Tmpfs(made, operation);
    case MountKind::kDir:
      return Dir(made, operation);
    case MountKind::kFile:
      return File(made, operation);
    case MountKind::kSymlink:
      return Symlink(made, operation);
    case MountKind::kBind:
      return Bind(made, operation, TakeSource(plan, index));
    case MountKind::kDev:
      return MakeDevices(made, operation.sizeBytes);
    case MountKind::kProc:
      return MakeProc(made);
    case MountKind::kReadOnly:
      return MakeReadOnly(root, operation.target.data, operation.optional);
    case MountKind::kPin:
      return Pin(root, operation.target.data, operation.optional);
    case MountKind::kMask:
      return Mask(made, operation.target.data, operation.optional);
    case MountKind::kGuard:
      return Guard(made, plan, index);
    case MountKind::kCount:
      break;
  }
  FailWith("plan", EINVAL, "mount operation");
}

}  // namespace

void RunMounts(const Plan& plan, const NewRoot& made) {
  for (std::uint32_t index = 0; index < plan.mounts.size; ++index) Run(plan, index, made);
}

}  // namespace mcpo
