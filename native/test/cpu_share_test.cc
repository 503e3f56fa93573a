// A share of a processor held by stopping, with the kernel's part played by the test.
#include "../linux/launch/cpu_share.h"

#include "harness.h"

namespace {

using mcpo::CpuShare;

constexpr std::int64_t kMsUs = 1000;

// What a program that takes `processors` whole ones gets of `seconds`.
double ShareOf(CpuShare share, int processors, int seconds) {
  std::int64_t used = 0;
  bool runs = true;
  std::int64_t now = 0;
  while (now < seconds * 1000 * kMsUs) {
    const std::int64_t pause = share.PauseMs() * kMsUs;
    const std::int64_t took = runs ? pause * processors : 0;
    runs = share.MayRunAfter(pause, took);
    used += took;
    now += pause;
  }
  return static_cast<double>(used) / static_cast<double>(now);
}

}  // namespace

TEST("cpu share: whoever takes all there is gets the share, on one processor and on four") {
  for (const int processors : {1, 4}) {
    for (const unsigned percent : {10u, 50u, 90u}) {
      const double share = ShareOf(CpuShare(percent), processors, 60);
      CHECK(share > 0.95 * percent / 100 && share < 1.1 * percent / 100);
    }
  }
}

TEST("cpu share: whoever takes less is never stopped") {
  CpuShare share(50);
  for (int look = 0; look < 1000; ++look) CHECK(share.MayRunAfter(250 * kMsUs, 100 * kMsUs));
}

TEST("cpu share: more than one processor may be granted") {
  const double share = ShareOf(CpuShare(150), 4, 60);
  CHECK(share > 1.4 && share < 1.65);
}

TEST("cpu share: a debt of any size is forgiven after ten seconds") {
  CpuShare share(50);
  CHECK(!share.MayRunAfter(100 * kMsUs, 3'600'000 * kMsUs));
  CHECK(!share.MayRunAfter(9900 * kMsUs, 0));
  CHECK(share.MayRunAfter(100 * kMsUs, 0));
}

TEST("cpu share: a long calm saves up no more than a tenth of a second") {
  CpuShare share(50);
  for (int look = 0; look < 1000; ++look) share.MayRunAfter(250 * kMsUs, 125 * kMsUs);
  CHECK(share.MayRunAfter(3'600'000 * kMsUs, 0));
  CHECK(!share.MayRunAfter(100 * kMsUs, 400 * kMsUs));
}
