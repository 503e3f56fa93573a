// The compiler's parts, on small programs: validator, interpreter, long jumps.
#include <errno.h>
#include <linux/audit.h>

#include <vector>

#include "../linux/seccomp/compile.h"
#include "../linux/seccomp/interpret.h"
#include "../linux/seccomp/validate.h"
#include "harness.h"

namespace {

using namespace mcpo;
using Program = std::vector<sock_filter>;

constexpr sock_filter kReturn = BPF_STMT(BPF_RET | BPF_K, 7);
constexpr uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr uint16_t kEqual = BPF_JMP | BPF_JEQ | BPF_K;
constexpr uint16_t kAtLeast = BPF_JMP | BPF_JGE | BPF_K;

bool IsSound(const Program& program) {
  return seccomp::Validate(program).empty();
}

uint32_t Run(const Program& program, uint32_t number, uint64_t argument = 0) {
  seccomp_data call = {};
  call.nr = static_cast<int>(number);
  call.arch = AUDIT_ARCH_X86_64;
  call.args[0] = argument;
  return seccomp::Interpret(program, call).verdict;
}

// Rules with more values than a conditional jump reaches over.
seccomp::Policy FarPolicy() {
  std::vector<uint32_t> even;
  for (uint32_t value = 0; value < 1000; value += 2) even.push_back(value);
  const seccomp::Rule rule = {{{{{0, 0xffffffff, even}}, seccomp::kAllow}}, seccomp::Errno(EPERM)};
  return {.allowed = {{"near", {"read"}}},
          .denied = {},
          .absent = {},
          .ruled = {{"far", {"close", "ioctl"}, rule}}};
}

}  // namespace

TEST("validator: takes a sound program") {
  CHECK(IsSound({kReturn}));
  CHECK(IsSound({BPF_STMT(kLoad, 0), BPF_JUMP(kEqual, 1, 0, 1), kReturn, kReturn}));
}

TEST("validator: refuses no program, and one that is too long") {
  CHECK(!IsSound({}));
  CHECK(IsSound(Program(seccomp::kMaxInstructions, kReturn)));
  CHECK(!IsSound(Program(seccomp::kMaxInstructions + 1, kReturn)));
}

TEST("validator: refuses jumps to the end and beyond") {
  CHECK(!IsSound({BPF_JUMP(kEqual, 1, 1, 0), kReturn}));
  CHECK(!IsSound({BPF_JUMP(kAtLeast, 1, 0, 1), kReturn}));
  CHECK(!IsSound({BPF_STMT(BPF_JMP | BPF_JA, 1), kReturn}));
  CHECK(!IsSound({BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), kReturn}));
}

TEST("validator: refuses a program that does not end in a return") {
  CHECK(!IsSound({kReturn, BPF_STMT(kLoad, 0)}));
  CHECK(!IsSound({kReturn, BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 1)}));
  CHECK(!IsSound({BPF_STMT(BPF_JMP | BPF_JA, 0)}));
}

TEST("validator: refuses loads beside the call's data, and instructions that the compiler does not write") {
  CHECK(IsSound({BPF_STMT(kLoad, 60), kReturn}));
  CHECK(!IsSound({BPF_STMT(kLoad, 64), kReturn}));
  CHECK(!IsSound({BPF_STMT(kLoad, 2), kReturn}));
  CHECK(!IsSound({BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), kReturn}));
  CHECK(!IsSound({BPF_STMT(BPF_RET | BPF_A, 0)}));
}

TEST("interpreter: loads, masks, compares and jumps as the kernel does") {
  const Program masked = {BPF_STMT(kLoad, 16), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf0),
                          BPF_JUMP(kEqual, 0x30, 1, 0), BPF_STMT(BPF_RET | BPF_K, 1),
                          BPF_STMT(BPF_RET | BPF_K, 2)};
  CHECK(Run(masked, 0, 0x3f) == 2);
  CHECK(Run(masked, 0, 0xdead00000000003f) == 2);
  CHECK(Run(masked, 0, 0x4f) == 1);
  const Program high = {BPF_STMT(kLoad, 20), BPF_JUMP(kAtLeast, 5, 0, 1), BPF_STMT(BPF_JMP | BPF_JA, 1),
                        BPF_STMT(BPF_RET | BPF_K, 1), BPF_STMT(BPF_RET | BPF_K, 2)};
  CHECK(Run(high, 0, 0x500000000) == 2);
  CHECK(Run(high, 0, 0x4ffffffff) == 1);
}

TEST("interpreter: kills what it does not know, and what has no end") {
  CHECK(Run({BPF_STMT(BPF_LDX | BPF_IMM, 1), kReturn}, 0) == seccomp::kKill);
  CHECK(Run({BPF_STMT(kLoad, 0)}, 0) == seccomp::kKill);
}

TEST("compiler: rules longer than a conditional jump reaches are right") {
  const seccomp::Policy policy = FarPolicy();
  const Program program = seccomp::Compile(policy, seccomp::Arch::kX86_64);
  CHECK(IsSound(program));
  for (const uint32_t number : {3u, 16u}) {
    for (uint32_t value = 0; value < 1100; value++) {
      const bool allowed = value < 1000 && value % 2 == 0;
      CHECK(Run(program, number, value) == (allowed ? seccomp::kAllow : seccomp::Errno(EPERM)));
    }
  }
  CHECK(Run(program, 0) == seccomp::kAllow);
  CHECK(Run(program, 1) == seccomp::Errno(ENOSYS));
}

TEST("compiler: a policy too large for the kernel gives no program") {
  std::vector<uint32_t> values(seccomp::kMaxInstructions + 1);
  for (uint32_t i = 0; i < values.size(); i++) values[i] = i;
  const seccomp::Rule rule = {{{{{0, 0xffffffff, values}}, seccomp::kAllow}}, seccomp::Errno(EPERM)};
  const seccomp::Policy policy = {
      .allowed = {}, .denied = {}, .absent = {}, .ruled = {{"large", {"read"}, rule}}};
  CHECK(seccomp::Compile(policy, seccomp::Arch::kX86_64).empty());
}
