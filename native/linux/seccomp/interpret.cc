#include "interpret.h"

#include <cstddef>
#include <cstring>

namespace mcpo::seccomp {
namespace {

uint32_t Word(const seccomp_data& call, uint32_t offset) {
  uint32_t word;
  std::memcpy(&word, reinterpret_cast<const char*>(&call) + offset, sizeof word);
  return word;
}

}  // namespace

Outcome Interpret(std::span<const sock_filter> program, const seccomp_data& call) {
  uint32_t accumulator = 0;
  bool looked = false;
  for (size_t at = 0; at < program.size(); at++) {
    const sock_filter& instruction = program[at];
    switch (instruction.code) {
      case BPF_LD | BPF_W | BPF_ABS:
        accumulator = Word(call, instruction.k);
        looked = looked || instruction.k >= offsetof(seccomp_data, args);
        break;
      case BPF_ALU | BPF_AND | BPF_K:
        accumulator &= instruction.k;
        break;
      case BPF_JMP | BPF_JA:
        at += instruction.k;
        break;
      case BPF_JMP | BPF_JEQ | BPF_K:
        at += accumulator == instruction.k ? instruction.jt : instruction.jf;
        break;
      case BPF_JMP | BPF_JGE | BPF_K:
        at += accumulator >= instruction.k ? instruction.jt : instruction.jf;
        break;
      case BPF_RET | BPF_K:
        return {instruction.k, looked};
      default:
        return {kKill, looked};
    }
  }
  return {kKill, looked};
}

}  // namespace mcpo::seccomp
