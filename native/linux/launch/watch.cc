#include "watch.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>

#include "report.h"

namespace mcpo {
namespace {

constexpr std::int64_t kMemoryPauseUs = 250'000;
constexpr std::int64_t kKbInMb = 1024;

std::int64_t NowUs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

// To every process of the sandbox but this one, at once: none can be forking away from it, or undo it for
// another.
void SignalAll(int signal) {
  // ESRCH: there is none.
  if (kill(-1, signal) != 0) return;
}

}  // namespace

Watch::Watch(const WatchPlan& plan, int procFd, int socketsFd)
    : plan_(plan),
      census_(procFd),
      sockets_(socketsFd),
      share_(plan.cpuPercent),
      lastUs_(NowUs()),
      lastMemoryUs_(lastUs_) {}

int Watch::TimeoutMs() const {
  if (plan_.cpuPercent == 0 && plan_.memoryMb == 0) return -1;
  const int pauseMs = plan_.cpuPercent == 0 ? static_cast<int>(kMemoryPauseUs / 1000) : share_.PauseMs();
  const std::int64_t passedMs = (NowUs() - lastUs_) / 1000;
  return static_cast<int>(std::clamp<std::int64_t>(pauseMs - passedMs, 0, pauseMs));
}

void Watch::Look() {
  if (TimeoutMs() != 0) return;
  const std::int64_t nowUs = NowUs();
  if (plan_.cpuPercent != 0) LookAtCpu(nowUs - lastUs_);
  if (plan_.memoryMb != 0 && nowUs - lastMemoryUs_ >= kMemoryPauseUs) LookAtMemory(nowUs);
  lastUs_ = nowUs;
}

void Watch::LookAtCpu(std::int64_t elapsedUs) {
  const bool mayRun = share_.MayRunAfter(elapsedUs, census_.CpuUsedUs());
  if (mayRun != isStopped_) return;
  isStopped_ = !mayRun;
  SignalAll(isStopped_ ? SIGSTOP : SIGCONT);
}

void Watch::LookAtMemory(std::int64_t nowUs) {
  lastMemoryUs_ = nowUs;
  if (!census_.HoldsMoreKbThan(plan_.memoryMb * kKbInMb - sockets_.Kb())) return;
  ReportLimit("max_memory_mb");
  ReportExit(-SIGKILL);
  _exit(128 + SIGKILL);
}

}  // namespace mcpo
