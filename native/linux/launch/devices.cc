#include "devices.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#include "../syscalls.h"
#include "detached.h"
#include "report.h"
#include "target.h"
#include "terminals.h"

namespace mcpo {
namespace {

struct Device {
  const char* name;
  unsigned major;
  unsigned minor;
};

constexpr Device kDevices[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
                               {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};

struct Link {
  const char* name;
  const char* to;
};
constexpr Link kLinks[] = {{"fd", "/proc/self/fd"},
                           {"stdin", "/proc/self/fd/0"},
                           {"stdout", "/proc/self/fd/1"},
                           {"stderr", "/proc/self/fd/2"}};

constexpr std::uint32_t kShmInodes = 4096;

// A node cannot be made in a user namespace: the host's is shown, once it is certain that it is the right
// one.
void ShowDevice(int dev, const Device& device) {
  char path[32];
  snprintf(path, sizeof path, "/dev/%s", device.name);
  const Fd tree(Require(sys::OpenTree(AT_FDCWD, path, 0), "dev", path));
  struct stat facts{};
  Require(fstat(tree.get(), &facts), "dev", path);
  if (!S_ISCHR(facts.st_mode) || facts.st_rdev != makedev(device.major, device.minor)) {
    FailWith("dev", ENODEV, path);
  }
  SetAttributes(tree.get(), sys::kMountReadOnly | sys::kMountNoSuid | sys::kMountNoExec, 0, "dev");
  const Fd place(openat(dev, device.name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444));
  Require(place.get(), "dev", path);
  Attach(tree.get(), place.get(), "dev", path);
  const Fd works(openat(dev, device.name, O_RDWR | O_NOCTTY | O_CLOEXEC));
  // What /dev/tty says where there is no controlling terminal, as here.
  if (!works && errno != ENXIO) Fail("dev", path);
}

void ShowSharedMemory(int dev, std::uint64_t shmBytes) {
  Require(mkdirat(dev, "shm", 0755), "dev", "/dev/shm");
  const Fd shm = MakeTmpfs(shmBytes, kShmInodes, 01777, sys::kMountNoExec, "dev");
  const Fd place(Require(openat(dev, "shm", O_PATH | O_DIRECTORY | O_CLOEXEC), "dev", "/dev/shm"));
  Attach(shm.get(), place.get(), "dev", "/dev/shm");
}

}  // namespace

void MakeDevices(const NewRoot& made, std::uint64_t shmBytes) {
  const Fd target = EnsureTarget(made.root.get(), "/dev", TargetKind::kFolder, 0755, "dev");
  const Fd& dev = made.dev;
  // Attached first: before Linux 6.15 nothing can be mounted on what is not.
  Attach(dev.get(), target.get(), "dev", "/dev");
  for (const Device& device : kDevices) ShowDevice(dev.get(), device);
  for (const Link& link : kLinks) Require(symlinkat(link.to, dev.get(), link.name), "dev", link.name);
  ShowSharedMemory(dev.get(), shmBytes);
  ShowTerminals(dev.get());
  SetAttributes(dev.get(), sys::kMountReadOnly, 0, "dev");
}

}  // namespace mcpo
