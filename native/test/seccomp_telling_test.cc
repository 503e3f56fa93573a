// The filters that tell, against the one that does not: the same decisions, whoever gives the answer.
#include <errno.h>

#include <random>
#include <string>

#include "../linux/seccomp/compile.h"
#include "../linux/seccomp/interpret.h"
#include "../linux/seccomp/path_calls.h"
#include "../linux/seccomp/telling.h"
#include "../linux/seccomp/validate.h"
#include "harness.h"
#include "seccomp_reference.h"

namespace {

using namespace mcpo;
using seccomp::Arch;
using seccomp::Verdict;

constexpr Arch kArchs[] = {Arch::kX86_64, Arch::kAarch64};
constexpr uint32_t kLastNumber = 1023;
constexpr int kDraws = 200;
constexpr uint32_t kInteresting[] = {0,      1,     2,          16,         0100,      0644,
                                     04000,  06000, 020000000,  0x80,       0x5412,    1000,
                                     0xb701, 62,    0x10000000, 0x20000000, 0xffffffff};

bool NamesFile(uint32_t number, Arch arch) {
  for (const auto& call : seccomp::PathCalls()) {
    if (seccomp::NumberOf(call.name, arch) == number) return true;
  }
  return false;
}

// Of a call that is not allowed, all filters say the same; `allowed` is what an allowed one gets.
void CheckCall(Arch arch, const std::vector<sock_filter>& program, const seccomp_data& call, bool explains) {
  const Verdict expected = test::Expected(arch, call);
  const Verdict verdict = seccomp::Interpret(program, call).verdict;
  const bool shown = explains && expected == seccomp::kAllow && verdict == seccomp::Told(0);
  const bool same = expected == seccomp::Errno(EPERM) ? verdict == seccomp::Told(EPERM) : verdict == expected;
  CHECK_THAT(same || shown, ("nr " + std::to_string(call.nr) + ": " + std::to_string(verdict)).c_str());
  CHECK_THAT(seccomp::Untold(verdict) == expected, ("untold nr " + std::to_string(call.nr)).c_str());
  if (explains && expected == seccomp::kAllow && NamesFile(static_cast<uint32_t>(call.nr), arch))
    CHECK(shown);
}

void CheckAll(Arch arch, const std::vector<sock_filter>& program, bool explains) {
  std::mt19937 random(20261122);
  for (uint32_t number = 0; number <= kLastNumber; ++number) {
    seccomp_data call = {};
    call.arch = seccomp::AuditArch(arch);
    call.nr = static_cast<int>(number);
    CheckCall(arch, program, call, explains);
    for (int draw = 0; draw < kDraws; ++draw) {
      for (auto& argument : call.args) argument = kInteresting[random() % std::size(kInteresting)];
      CheckCall(arch, program, call, explains);
    }
  }
}

}  // namespace

TEST("seccomp: a filter that tells hands on exactly what the reference refuses with EPERM") {
  for (const Arch arch : kArchs) {
    const auto program = seccomp::Telling(seccomp::Compile(seccomp::ServerPolicy(), arch));
    CHECK(seccomp::Validate(program).empty());
    CheckAll(arch, program, false);
  }
}

TEST("seccomp: a filter that explains also hands on the allowed calls that name a file, and no others") {
  for (const Arch arch : kArchs) {
    const auto program =
        seccomp::Telling(seccomp::Compile(seccomp::Explaining(seccomp::ServerPolicy()), arch));
    CHECK(seccomp::Validate(program).empty());
    CheckAll(arch, program, true);
  }
}

TEST(
    "seccomp: a call with the launcher's mark is refused where others are, by the kernel, and allowed where "
    "others are") {
  for (const Arch arch : kArchs) {
    const auto program = seccomp::Telling(seccomp::Compile(seccomp::ServerPolicy(), arch));
    const sock_filter& comparison = program.at(program.size() - seccomp::kMarkFromEnd);
    CHECK(comparison.code == (BPF_JMP | BPF_JEQ | BPF_K) && comparison.k == seccomp::kMark);
    int refused = 0;
    for (uint32_t number = 0; number <= kLastNumber; ++number) {
      seccomp_data call = {};
      call.arch = seccomp::AuditArch(arch);
      call.nr = static_cast<int>(number);
      const Verdict unmarked = seccomp::Interpret(program, call).verdict;
      call.args[seccomp::kMarkedArgument] = seccomp::kMark;
      const Verdict marked = seccomp::Interpret(program, call).verdict;
      CHECK_THAT(marked == seccomp::Untold(unmarked), ("nr " + std::to_string(number)).c_str());
      refused += marked == seccomp::Errno(EPERM);
    }
    CHECK(refused > 50);
  }
}

TEST("seccomp: the mark stands in the program once, so that no rule of an argument is taken for it") {
  for (const Arch arch : kArchs) {
    for (const auto& policy : {seccomp::ServerPolicy(), seccomp::Explaining(seccomp::ServerPolicy())}) {
      int found = 0;
      for (const sock_filter& each : seccomp::Telling(seccomp::Compile(policy, arch)))
        found += each.k == seccomp::kMark;
      CHECK(found == 1);
    }
  }
}

TEST("seccomp: every call that names a file is a system call, and its arguments exist") {
  for (const auto& call : seccomp::PathCalls()) {
    const bool known =
        seccomp::NumberOf(call.name, Arch::kX86_64) || seccomp::NumberOf(call.name, Arch::kAarch64);
    CHECK_THAT(known, std::string(call.name).c_str());
    CHECK(call.path >= 0 && call.path < 6 && call.folder < 6);
    CHECK((call.intent == seccomp::Intent::kByFlags) == (call.flags >= 0));
  }
}

TEST("seccomp: where nobody listens, what was to be told is answered") {
  CHECK(seccomp::Untold(seccomp::Told(EPERM)) == seccomp::Errno(EPERM));
  CHECK(seccomp::Untold(seccomp::Told(0)) == seccomp::kAllow);
  CHECK(seccomp::Untold(seccomp::kKill) == seccomp::kKill);
  CHECK(seccomp::Untold(seccomp::Errno(ENOSYS)) == seccomp::Errno(ENOSYS));
}
