#include "census.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "process_facts.h"
#include "report.h"

namespace mcpo {
namespace {

// Times in /proc are in these on every architecture of Linux.
constexpr std::int64_t kTickUs = 10'000;
constexpr pid_t kInit = 1;

// getdents64(2)
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t bytes;
  std::uint8_t type;
  char name[];
};

}  // namespace

void Census::Open(int procFd) {
  const int fd = Require(open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "init", "/proc");
  if (fd == procFd) return;
  Require(dup3(fd, procFd, O_CLOEXEC), "init", "/proc");
  close(fd);
}

// Pid 1 comes along. In ascending order, as the kernel lists them.
template <class Visit>
void Census::ForEach(Visit visit) {
  alignas(Entry) static char entries[32 * 1024];
  if (lseek(proc_, 0, SEEK_SET) < 0) return;
  for (;;) {
    const long bytes = syscall(SYS_getdents64, proc_, entries, sizeof entries);
    if (bytes <= 0) return;
    for (long at = 0; at < bytes;) {
      const auto* entry = reinterpret_cast<const Entry*>(entries + at);
      at += entry->bytes;
      if (const int pid = std::atoi(entry->name); pid > 0) visit(pid);
    }
  }
}

std::uint32_t Census::TakeStock(Seen* seen) {
  std::uint32_t count = 0;
  ForEach([&](pid_t pid) {
    CpuTicks ticks;
    if (count == kMaxProcesses || !ReadFile(pid, "stat") || !ReadCpuTicks(text_, ticks)) return;
    seen[count++] = {pid, pid == kInit ? 0 : ticks.own, ticks.waitedFor};
  });
  return count;
}

std::int64_t Census::CpuUsedUs() {
  const std::uint32_t count = TakeStock(now_);
  std::int64_t used = 0, waitedFor = 0, ended = 0;
  const Seen* before = before_;
  const Seen* const end = before_ + countBefore_;
  for (std::uint32_t index = 0; index < count; ++index) {
    const Seen& one = now_[index];
    for (; before != end && before->pid < one.pid; ++before) ended += before->own + before->waitedFor;
    const bool isNew = before == end || before->pid != one.pid;
    used += one.own - (isNew ? 0 : before->own);
    waitedFor += one.waitedFor - (isNew ? 0 : before->waitedFor);
    if (!isNew) ++before;
  }
  for (; before != end; ++before) ended += before->own + before->waitedFor;
  std::copy(now_, now_ + count, before_);
  countBefore_ = count;
  // Whoever waits for a child takes its time over, what was counted before included.
  return (std::max<std::int64_t>(used, 0) + std::max<std::int64_t>(waitedFor - ended, 0)) * kTickUs;
}

// Counted twice where processes share, first, which is cheap; exactly only when that is too much.
bool Census::HoldsMoreKbThan(std::int64_t limitKb) {
  std::int64_t resident = 0, proportional = 0;
  ForEach([&](pid_t pid) { resident += pid == kInit ? 0 : ResidentKb(pid); });
  if (resident <= limitKb) return false;
  ForEach([&](pid_t pid) { proportional += pid == kInit ? 0 : ProportionalKb(pid); });
  return proportional > limitKb;
}

std::int64_t Census::ResidentKb(pid_t pid) {
  std::int64_t anonymous = 0, shared = 0;
  const std::int64_t tables = TablesKb(pid);
  if (!ReadKb(text_, "RssAnon", anonymous) || !ReadKb(text_, "RssShmem", shared)) return tables;
  return anonymous + shared + tables;
}

// A process that does not let itself be looked into counts with all it has.
std::int64_t Census::ProportionalKb(pid_t pid) {
  std::int64_t anonymous = 0, shared = 0;
  if (!ReadFile(pid, "smaps_rollup") || !ReadKb(text_, "Pss_Anon", anonymous) ||
      !ReadKb(text_, "Pss_Shmem", shared)) {
    return ResidentKb(pid);
  }
  return anonymous + shared + TablesKb(pid);
}

// What maps a terabyte of nothing and reads here and there holds a page of the kernel's for each place.
// Leaves the status of the process in text_; one that has ended, and a kernel thread, have none.
std::int64_t Census::TablesKb(pid_t pid) {
  std::int64_t tables = 0;
  if (!ReadFile(pid, "status")) text_[0] = 0;
  return ReadKb(text_, "VmPTE", tables) ? tables : 0;
}

bool Census::ReadFile(pid_t pid, const char* name) {
  char path[64];
  std::snprintf(path, sizeof path, "%d/%s", pid, name);
  const int fd = openat(proc_, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  std::size_t size = 0;
  while (size < sizeof text_ - 1) {
    const ssize_t got = read(fd, text_ + size, sizeof text_ - 1 - size);
    if (got <= 0) break;
    size += static_cast<std::size_t>(got);
  }
  close(fd);
  text_[size] = 0;
  return size > 0;
}

}  // namespace mcpo
