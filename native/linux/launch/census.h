// All processes of the sandbox but pid 1, as its /proc shows them.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace mcpo {

class Census {
 public:
  // Opens /proc and stays with `procFd`. To be called while files can be opened by name.
  static void Open(int procFd);

  explicit Census(int procFd) : proc_(procFd) {}

  // Processor time that all have used since the last call (from the start at the first), in microseconds.
  // What a process used after the last look that saw it counts only when somebody waited for its end.
  std::int64_t CpuUsedUs();

  // Whether they hold more than this together, page tables included. Memory that is shared counts once,
  // program files not at all.
  bool HoldsMoreKbThan(std::int64_t limitKb);

 private:
  struct Seen {
    pid_t pid;
    std::int64_t own;
    std::int64_t waitedFor;
  };
  static constexpr std::uint32_t kMaxProcesses = 4096;

  template <class Visit>
  void ForEach(Visit visit);
  std::uint32_t TakeStock(Seen* seen);
  std::int64_t ResidentKb(pid_t pid);
  std::int64_t ProportionalKb(pid_t pid);
  std::int64_t TablesKb(pid_t pid);
  bool ReadFile(pid_t pid, const char* name);

  int proc_;
  Seen before_[kMaxProcesses];
  Seen now_[kMaxProcesses];
  std::uint32_t countBefore_ = 0;
  char text_[64 * 1024];
};

}  // namespace mcpo
