// The compiled filters against the reference: every number, foreign architectures, boundary arguments.
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <signal.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "../linux/passed_signals.h"
#include "../linux/seccomp/compile.h"
#include "../linux/seccomp/filter.h"
#include "../linux/seccomp/interpret.h"
#include "../linux/seccomp/validate.h"
#include "harness.h"
#include "seccomp_reference.h"

namespace {

using namespace mcpo;
using seccomp::Arch;

constexpr Arch kArchs[] = {Arch::kX86_64, Arch::kAarch64};
constexpr uint32_t kForeign[] = {AUDIT_ARCH_I386, AUDIT_ARCH_ARM, 0, 0xffffffff};
constexpr uint32_t kLastNumber = 1023;
constexpr uint32_t kX32Bit = 0x40000000;
constexpr int kDrawsPerNumber = 4000;

// Every constant that a rule compares with, and what lies beside it, is among these or their neighbours.
constexpr uint32_t kInteresting[] = {
    0,          1,          2,          3,          5,          6,          10,         16,
    17,         22,         29,         35,         40,         59,         62,         68,
    132,        136,        262,        999,        1000,       1001,       0100,       0644,
    01777,      02000,      04000,      06000,      0010644,    0020644,    0060644,    0100644,
    0140644,    0012644,    0014644,    020000000,  020200000,  0x5412,     0x541c,     0x541d,
    0x541b,     0x5423,     0x40086602, 0x40046602, 0x401c5820, 0x40806685, 0x80086601, 0x80,
    0x11,       0x003d0f00, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
    0x7e020000, 0x7e020080, 0x20000,    0x4000,     0x80801,    0x80002,    0x53564d41, 0x59616d61,
    0x40087602, 0x40047602, 0x800c6613, 0xc0506617, 0xb701,     0xff01,     0xc040ff0b, 0x80187601,
    0x540c,     1024,       1040,       100,        0x20000001, 0x7fffffff, 0x80000000, 0xfffffffe,
    0xffffffff,
};

std::vector<sock_filter> ServerProgram(Arch arch) {
  static const seccomp::Policy policy = seccomp::ServerPolicy();
  return seccomp::Compile(policy, arch);
}

seccomp_data Call(uint32_t arch, uint32_t number) {
  seccomp_data call = {};
  call.arch = arch;
  call.nr = static_cast<int>(number);
  return call;
}

class Arguments {
 public:
  // Boundary values under random high halves, most of which the kernel would not look at. Two values to a
  // draw, so that rules which want several arguments right at once are met, too.
  void Draw(seccomp_data& call) {
    const uint32_t values[] = {Boundary(), Boundary()};
    for (auto& argument : call.args) {
      const uint64_t high = random_() % 2 == 0 ? 0 : random_() & 0xffffffff;
      argument = high << 32 | values[random_() % 2];
    }
  }

 private:
  uint32_t Boundary() {
    const uint32_t value = kInteresting[random_() % std::size(kInteresting)];
    switch (random_() % 4) {
      case 0:
        return value + static_cast<uint32_t>(random_() % 3) - 1;
      case 1:
        return value ^ uint32_t{1} << (random_() % 32);
      default:
        return value;
    }
  }

  std::mt19937_64 random_{20261122};
};

void CheckSame(Arch arch, const std::vector<sock_filter>& program, const seccomp_data& call) {
  const auto outcome = seccomp::Interpret(program, call);
  const auto expected = test::Expected(arch, call);
  if (outcome.verdict == expected) return;
  const std::string words = "arch " + std::to_string(call.arch) + " nr " + std::to_string(call.nr) +
                            ": got " + std::to_string(outcome.verdict) + ", not " + std::to_string(expected);
  CHECK_THAT(false, words.c_str());
}

}  // namespace

TEST("seccomp: the filters of both architectures are sound, and small") {
  for (const Arch arch : kArchs) {
    CHECK_THAT(seccomp::Validate(ServerProgram(arch)).empty(),
               seccomp::Validate(ServerProgram(arch)).c_str());
    CHECK(ServerProgram(arch).size() < 400);
    for (const bool watches : {false, true}) {
      CHECK(seccomp::Validate(seccomp::Compile(seccomp::InitPolicy(watches), arch)).empty());
    }
  }
}

TEST("seccomp: every number from 0 to 1023, with boundary arguments, gets what the reference says") {
  Arguments arguments;
  for (const Arch arch : kArchs) {
    const auto program = ServerProgram(arch);
    for (uint32_t number = 0; number <= kLastNumber; number++) {
      seccomp_data call = Call(seccomp::AuditArch(arch), number);
      CheckSame(arch, program, call);
      const int draws = seccomp::Interpret(program, call).looked_at_arguments ? kDrawsPerNumber : 4;
      for (int draw = 0; draw < draws; draw++) {
        arguments.Draw(call);
        CheckSame(arch, program, call);
      }
    }
  }
}

// Three arguments that must be right at once: too rare among random draws.
TEST("seccomp: every socket family, type and protocol gets what the reference says") {
  constexpr uint32_t kFlags[] = {0, 02000000, 04000, 02004000, 0x10};
  constexpr uint32_t kFamilies = 48, kTypes = 16, kProtocols = 264;
  for (const Arch arch : kArchs) {
    const auto program = ServerProgram(arch);
    seccomp_data call = Call(seccomp::AuditArch(arch), *seccomp::NumberOf("socket", arch));
    for (uint32_t family = 0; family < kFamilies; family++) {
      for (uint32_t type = 0; type < kTypes * std::size(kFlags); type++) {
        for (uint32_t protocol = 0; protocol < kProtocols; protocol += protocol < 20 ? 1 : 11) {
          call.args[0] = family;
          call.args[1] = type % kTypes | kFlags[type / kTypes];
          call.args[2] = protocol;
          CheckSame(arch, program, call);
        }
      }
    }
  }
}

TEST("seccomp: every socket option gets what the reference says") {
  constexpr uint32_t kLevels = 300, kOptions = 100;
  for (const Arch arch : kArchs) {
    const auto program = ServerProgram(arch);
    seccomp_data call = Call(seccomp::AuditArch(arch), *seccomp::NumberOf("setsockopt", arch));
    for (uint32_t at = 0; at < kLevels * kOptions; at++) {
      call.args[1] = at / kOptions;
      call.args[2] = at % kOptions;
      CheckSame(arch, program, call);
    }
  }
}

TEST("seccomp: a foreign architecture is killed, whatever the number") {
  for (const Arch arch : kArchs) {
    const auto program = ServerProgram(arch);
    const Arch other = arch == Arch::kX86_64 ? Arch::kAarch64 : Arch::kX86_64;
    for (uint32_t number = 0; number <= kLastNumber; number++) {
      for (const uint32_t foreign : kForeign) {
        CHECK(seccomp::Interpret(program, Call(foreign, number)).verdict == seccomp::kKill);
      }
      CHECK(seccomp::Interpret(program, Call(seccomp::AuditArch(other), number)).verdict == seccomp::kKill);
    }
  }
}

TEST("seccomp: on x86-64 the x32 ABI is killed, and on aarch64 such numbers do not exist") {
  const auto intel = ServerProgram(Arch::kX86_64);
  const auto arm = ServerProgram(Arch::kAarch64);
  for (uint32_t number = 0; number <= kLastNumber; number++) {
    const uint32_t x32 = number | kX32Bit;
    CHECK(seccomp::Interpret(intel, Call(AUDIT_ARCH_X86_64, x32)).verdict == seccomp::kKill);
    CHECK(seccomp::Interpret(arm, Call(AUDIT_ARCH_AARCH64, x32)).verdict == seccomp::Errno(ENOSYS));
  }
}

TEST("seccomp: numbers at the edges get what the reference says, and -1 does not exist") {
  for (const Arch arch : kArchs) {
    const auto program = ServerProgram(arch);
    for (const uint32_t number :
         {0x3fffffffu, 0x40000000u, 0x7fffffffu, 0x80000000u, 0xfffffffeu, 0xffffffffu}) {
      CheckSame(arch, program, Call(seccomp::AuditArch(arch), number));
    }
    const auto none = seccomp::Interpret(program, Call(seccomp::AuditArch(arch), 0xffffffff));
    CHECK(none.verdict == seccomp::Errno(ENOSYS));
  }
}

TEST("seccomp: a call that is allowed as such is answered without a look at its arguments") {
  for (const Arch arch : kArchs) {
    const auto program = ServerProgram(arch);
    for (const auto& group : seccomp::ServerAllowed()) {
      for (const auto name : group.names) {
        const auto number = seccomp::NumberOf(name, arch);
        if (!number) continue;
        const auto outcome = seccomp::Interpret(program, Call(seccomp::AuditArch(arch), *number));
        CHECK(outcome.verdict == seccomp::kAllow && !outcome.looked_at_arguments);
      }
    }
  }
}

TEST("seccomp: pid 1 may do what it needs, and start or open nothing") {
  const auto& program = seccomp::InitFilter(false);
  const auto answer = [&](const char* name) {
    const auto number = seccomp::NumberOf(name, seccomp::kHostArch);
    return seccomp::Interpret(program, Call(seccomp::AuditArch(seccomp::kHostArch), *number)).verdict;
  };
  for (const char* name : {"wait4", "ppoll", "read", "write", "exit_group"}) {
    CHECK_THAT(answer(name) == seccomp::kAllow, name);
  }
  for (const char* name : {"execve", "clone", "openat", "mmap", "ptrace", "socket", "prctl", "connect"}) {
    CHECK_THAT(answer(name) == seccomp::Errno(ENOSYS), name);
  }
  CHECK(seccomp::Interpret(program, Call(AUDIT_ARCH_I386, 1)).verdict == seccomp::kKill);
}

TEST("seccomp: pid 1 may signal the payload and its group, and nobody else") {
  for (const bool watches : {false, true}) {
    const auto answer = [&](int target, int signal) {
      auto call =
          Call(seccomp::AuditArch(seccomp::kHostArch), *seccomp::NumberOf("kill", seccomp::kHostArch));
      call.args[0] = static_cast<uint64_t>(target);
      call.args[1] = static_cast<uint64_t>(signal);
      return seccomp::Interpret(seccomp::InitFilter(watches), call).verdict;
    };
    for (const int signal : kPassedSignals) {
      CHECK(answer(kPayloadPid, signal) == seccomp::kAllow &&
            answer(-kPayloadPid, signal) == seccomp::kAllow);
      for (const int target : {0, 1, -1, 3}) CHECK(answer(target, signal) == seccomp::Errno(EPERM));
    }
    CHECK(answer(kPayloadPid, SIGKILL) == seccomp::Errno(EPERM));
  }
}

TEST("seccomp: a pid 1 that watches may read, stop all others at once and wake them, and no more") {
  const auto& program = seccomp::InitFilter(true);
  const auto answer = [&](const char* name, uint64_t first = 0, uint64_t second = 0, uint64_t third = 0) {
    auto call = Call(seccomp::AuditArch(seccomp::kHostArch), *seccomp::NumberOf(name, seccomp::kHostArch));
    call.args[0] = first;
    call.args[1] = second;
    call.args[2] = third;
    return seccomp::Interpret(program, call).verdict;
  };
  CHECK(answer("getdents64") == seccomp::kAllow);
  CHECK(answer("openat", 9, 0, O_RDONLY | O_CLOEXEC) == seccomp::kAllow);
  for (const int flags : {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_TMPFILE | O_RDWR}) {
    CHECK(answer("openat", 9, 0, static_cast<uint64_t>(flags)) == seccomp::Errno(EPERM));
  }
  for (const int signal : {SIGSTOP, SIGCONT}) {
    CHECK(answer("kill", static_cast<uint64_t>(-1), static_cast<uint64_t>(signal)) == seccomp::kAllow);
    CHECK(answer("kill", 5, static_cast<uint64_t>(signal)) == seccomp::Errno(EPERM));
  }
  CHECK(answer("kill", static_cast<uint64_t>(-1), SIGKILL) == seccomp::Errno(EPERM));
  for (const char* name : {"execve", "clone", "mmap", "ptrace", "socket"}) {
    CHECK_THAT(answer(name) == seccomp::Errno(ENOSYS), name);
  }
}

TEST("seccomp: the filter in words names calls, rules and every instruction") {
  const std::string words = seccomp::Explain();
  for (const char* part : {"allow:", "EPERM:", "by arguments:", "ptrace", "socket: local", "return kill",
                           "0  load architecture"}) {
    CHECK_THAT(words.find(part) != std::string::npos, part);
  }
  const auto lines = std::ranges::count(words, '\n');
  CHECK(static_cast<size_t>(lines) > seccomp::ServerFilter(Refusals::kAnswered).size());
}
