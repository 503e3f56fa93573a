// A share of a processor, held by letting run and stopping in turns. Pure: no clock and no process in it.
#pragma once

#include <cstdint>

namespace mcpo {

class CpuShare {
 public:
  // `percent` of one processor.
  explicit CpuShare(std::uint32_t percent) : percent_(percent) {}

  // What was used since the last call, `elapsedUs` ago. True: it may run until the next call.
  bool MayRunAfter(std::int64_t elapsedUs, std::int64_t usedUs);

  // When to call next.
  int PauseMs() const;

 private:
  // What goes unused is not saved up for long.
  static constexpr std::int64_t kMaxCreditUs = 100'000;
  // A start costs most, and harms nobody.
  static constexpr std::int64_t kFirstCreditUs = 250'000;
  // Nothing is stopped for longer than this, whatever it managed to use.
  static constexpr std::int64_t kMaxStopUs = 10'000'000;

  std::int64_t EarnedIn(std::int64_t us) const { return us * percent_ / 100; }

  std::int64_t percent_;
  std::int64_t creditUs_ = kFirstCreditUs;
  bool isBusy_ = true;
};

}  // namespace mcpo
