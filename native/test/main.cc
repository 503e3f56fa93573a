#include "harness.h"

int main() {
  int passed = 0;
  int failed = 0;
  for (const auto& test : mcpo::test::Cases()) {
    mcpo::test::failures = 0;
    test.body();
    const bool ok = mcpo::test::failures == 0;
    std::printf("%s %s\n", ok ? "ok" : "not ok", test.name);
    (ok ? passed : failed)++;
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
