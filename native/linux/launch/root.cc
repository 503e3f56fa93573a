#include "root.h"

#include <stdio.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <initializer_list>

#include "../syscalls.h"
#include "detached.h"
#include "layers.h"
#include "report.h"

namespace mcpo {
namespace {

// One file system for the root directory, /dev and the workbench: each takes the kernel a while to make and
// to take down.
constexpr std::uint64_t kBytes = 16u << 20;
constexpr std::uint32_t kInodes = 8192;

void WriteFile(int folder, const char* name, const char* text, std::size_t size) {
  const Fd file(Require(openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444), "root", name));
  if (write(file.get(), text, size) != static_cast<ssize_t>(size)) Fail("root", name);
}

// The host's boot id is the same for every program of the machine: a name to be tracked by.
void WriteBootId(int folder) {
  unsigned char random[16];
  if (getrandom(random, sizeof random, 0) != sizeof random) Fail("root", "boot_id");
  random[6] = static_cast<unsigned char>((random[6] & 0x0f) | 0x40);
  random[8] = static_cast<unsigned char>((random[8] & 0x3f) | 0x80);
  char text[40];
  char* at = text;
  for (int index = 0; index < 16; ++index) {
    if (index == 4 || index == 6 || index == 8 || index == 10) *at++ = '-';
    at += snprintf(at, 3, "%02x", random[index]);
  }
  *at++ = '\n';
  WriteFile(folder, "boot_id", text, static_cast<std::size_t>(at - text));
}

// Where nothing of the host is needed any more, and what goes with the host's tree. (Without a pid namespace
// there is no proc but the host's.)
const char* WorkbenchPath() {
  return layers::Has(Layer::kPidNamespace) ? "/proc" : "/sys";
}

Fd MakeWorkbench() {
  Fd bench = MakeTmpfs(kBytes, kInodes, 0755, 0, "root");
  for (const char* const folder : {"root", "dev"})
    Require(mkdirat(bench.get(), folder, 0755), "root", folder);
  Require(mkdirat(bench.get(), "void", 0555), "root");
  WriteFile(bench.get(), "empty", "", 0);
  WriteBootId(bench.get());
  const char* const path = WorkbenchPath();
  const Fd place(Require(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), "root", path));
  Attach(bench.get(), place.get(), "root", "workbench");
  return bench;
}

Fd CopyHost(RootKind kind) {
  const std::uint64_t readOnly = kind == RootKind::kHostReadOnly ? sys::kMountReadOnly : 0;
  return CopyTree(AT_FDCWD, "/", sys::kMountNoSuid | sys::kMountNoDev | readOnly, "root");
}

}  // namespace

NewRoot MakeRoot(RootKind kind) {
  Require(mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "private-mounts");
  Fd root;
  // Before the workbench covers /proc: a copy of the host's tree must not hold it.
  if (kind != RootKind::kMinimal) root = CopyHost(kind);
  Fd bench = MakeWorkbench();
  if (!root) root = CopyTree(bench.get(), "root", 0, "root");
  Fd dev = CopyTree(bench.get(), "dev", sys::kMountNoExec, "root");
  // From now on: copies of a read-only mount are read-only from birth.
  SetAttributes(bench.get(), sys::kMountReadOnly | sys::kMountNoExec, 0, "root");
  const Fd place(Require(openat(bench.get(), "root", O_PATH | O_DIRECTORY | O_CLOEXEC), "root"));
  Attach(root.get(), place.get(), "root", "new root");
  return {static_cast<Fd&&>(bench), WorkbenchPath(), static_cast<Fd&&>(root), static_cast<Fd&&>(dev)};
}

void EnterRoot(const NewRoot& made, RootKind kind) {
  Require(fchdir(made.root.get()), "pivot-root", "fchdir");
  Require(static_cast<int>(syscall(SYS_pivot_root, ".", ".")), "pivot-root");
  // The host's tree, with the workbench in it, now lies on top of the new root. The self-check looks whether
  // anything is left. At once: each umount waits for every processor.
  if (layers::Has(Layer::kHostTreeGone)) Require(umount2(".", MNT_DETACH), "pivot-root", "host tree");
  Require(chdir("/"), "pivot-root", "chdir");
  if (kind == RootKind::kMinimal && layers::Has(Layer::kReadOnlyRoot))
    SetAttributes(made.root.get(), sys::kMountReadOnly, 0, "root");
}

}  // namespace mcpo
