#include "descriptors.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "../../fd.h"
#include "../../launch_fds.h"
#include "../report.h"

namespace mcpo {
namespace {

// As getdents64 fills it in.
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t bytes;
  std::uint8_t type;
  char name[1];
};

[[noreturn]] void NameOpen(int fd) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  char what[256];
  const ssize_t size = readlink(path, what, sizeof what - 1);
  what[size < 0 ? 0 : size] = 0;
  char name[32];
  snprintf(name, sizeof name, "descriptor %d", fd);
  Mismatch(name, what);
}

void CheckOne(int fd, int folder) {
  if (fd <= STDERR_FILENO || fd == folder) return;
  const bool isReport = fd == kStatusFd || fd == kTellFd;
  const bool closesItself = (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
  if (!(isReport && closesItself)) NameOpen(fd);
}

}  // namespace

void CheckDescriptors(Facts& facts) {
  const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  const Fd folder(Require(open("/proc/self/fd", flags), "self-check", "/proc/self/fd"));
  alignas(Entry) char entries[4096];
  unsigned long kept = 0;
  for (;;) {
    const long bytes = syscall(SYS_getdents64, folder.get(), entries, sizeof entries);
    if (bytes < 0) Fail("self-check", "/proc/self/fd");
    if (bytes == 0) break;
    for (long at = 0; at < bytes;) {
      const Entry* const entry = reinterpret_cast<const Entry*>(entries + at);
      at += entry->bytes;
      if (entry->name[0] == '.') continue;
      const int fd = atoi(entry->name);
      CheckOne(fd, folder.get());
      if (fd <= STDERR_FILENO) ++kept;
    }
  }
  facts.AddNumber("descriptors", kept);
}

}  // namespace mcpo
