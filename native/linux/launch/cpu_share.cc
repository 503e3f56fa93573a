#include "cpu_share.h"

#include <algorithm>

namespace mcpo {
namespace {

constexpr int kBusyPauseMs = 50;
constexpr int kCalmPauseMs = 250;

}  // namespace

bool CpuShare::MayRunAfter(std::int64_t elapsedUs, std::int64_t usedUs) {
  const std::int64_t most = std::max(creditUs_, kMaxCreditUs);
  const std::int64_t least = -EarnedIn(kMaxStopUs);
  isBusy_ = creditUs_ < 0 || usedUs > EarnedIn(elapsedUs) / 2;
  creditUs_ = std::clamp(creditUs_ + EarnedIn(elapsedUs) - usedUs, least, most);
  return creditUs_ >= 0;
}

int CpuShare::PauseMs() const {
  if (creditUs_ >= 0) return isBusy_ ? kBusyPauseMs : kCalmPauseMs;
  const std::int64_t untilPaidMs = -creditUs_ * 100 / percent_ / 1000 + 1;
  return static_cast<int>(std::min<std::int64_t>(untilPaidMs, kCalmPauseMs));
}

}  // namespace mcpo
