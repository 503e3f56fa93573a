// Limits that no control group holds here, held from inside: pid 1 looks at all other processes now and then,
// stops them for a while when they use too much of the processor, and ends them when they hold too much
// memory.
#pragma once

#include <cstdint>

#include "../../core/plan.h"
#include "census.h"
#include "cpu_share.h"
#include "socket_memory.h"

namespace mcpo {

class Watch {
 public:
  // `socketsFd`: of SocketMemory, or -1.
  Watch(const WatchPlan& plan, int procFd, int socketsFd);

  // For poll(2): how long until `Look` is due. -1: there is nothing to watch.
  int TimeoutMs() const;

  // When it is due. Does not return when the memory is above the limit.
  void Look();

 private:
  void LookAtCpu(std::int64_t elapsedUs);
  void LookAtMemory(std::int64_t nowUs);

  WatchPlan plan_;
  Census census_;
  SocketMemory sockets_;
  CpuShare share_;
  std::int64_t lastUs_;
  std::int64_t lastMemoryUs_;
  bool isStopped_ = false;
};

}  // namespace mcpo
