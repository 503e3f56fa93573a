// The lists themselves.
#include <algorithm>
#include <map>
#include <string>

#include "../linux/seccomp/numbers.h"
#include "../linux/seccomp/policy.h"
#include "harness.h"

namespace {

using namespace mcpo;

using Counts = std::map<std::string_view, int>;

template <typename Groups>
void Count(Counts& counts, const Groups& groups) {
  for (const auto& group : groups) {
    CHECK(!group.why.empty());
    for (const std::string_view name : group.names) counts[name]++;
  }
}

Counts TimesListed(const seccomp::Policy& policy) {
  Counts counts;
  Count(counts, policy.allowed);
  Count(counts, policy.denied);
  Count(counts, policy.absent);
  Count(counts, policy.ruled);
  return counts;
}

void CheckResolves(const Counts& counts) {
  for (const auto& [name, times] : counts) {
    const bool known =
        seccomp::NumberOf(name, seccomp::Arch::kX86_64) || seccomp::NumberOf(name, seccomp::Arch::kAarch64);
    CHECK_THAT(known, std::string(name).c_str());
    CHECK_THAT(times == 1, std::string(name).c_str());
  }
}

}  // namespace

TEST("seccomp: every name of the server's policy is a system call somewhere, and stands in one list once") {
  CheckResolves(TimesListed(seccomp::ServerPolicy()));
}

TEST("seccomp: every name of pid 1's policy is a system call somewhere, and stands in one list once") {
  for (const bool watches : {false, true}) CheckResolves(TimesListed(seccomp::InitPolicy(watches)));
}

TEST("seccomp: every system call in the table was decided on") {
  const Counts counts = TimesListed(seccomp::ServerPolicy());
  for (const auto& call : seccomp::Syscalls())
    CHECK_THAT(counts.contains(call.name), std::string(call.name).c_str());
}

TEST("seccomp: the table is sorted, and no number stands in it twice") {
  const auto calls = seccomp::Syscalls();
  CHECK(std::ranges::is_sorted(calls, {}, &seccomp::Syscall::name));
  std::map<int32_t, int> intel;
  std::map<int32_t, int> arm;
  for (const auto& call : calls) {
    CHECK(call.x86_64 < 0 || intel[call.x86_64]++ == 0);
    CHECK(call.aarch64 < 0 || arm[call.aarch64]++ == 0);
  }
}

TEST("seccomp: a name that is no system call has no number") {
  CHECK(!seccomp::NumberOf("", seccomp::Arch::kX86_64));
  CHECK(!seccomp::NumberOf("zzz", seccomp::Arch::kX86_64));
  CHECK(!seccomp::NumberOf("open", seccomp::Arch::kAarch64));
  CHECK(seccomp::NumberOf("openat", seccomp::Arch::kAarch64) == 56u);
}
