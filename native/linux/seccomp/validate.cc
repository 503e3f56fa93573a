#include "validate.h"

#include <linux/seccomp.h>

#include <cstddef>

namespace mcpo::seccomp {
namespace {

bool IsConditional(uint16_t code) {
  return code == (BPF_JMP | BPF_JEQ | BPF_K) || code == (BPF_JMP | BPF_JGE | BPF_K);
}

// `rest`: how many instructions come after this one.
const char* Fault(const sock_filter& instruction, size_t rest) {
  if (IsConditional(instruction.code)) {
    return instruction.jt < rest && instruction.jf < rest ? nullptr : "jump out of the program";
  }
  switch (instruction.code) {
    case BPF_JMP | BPF_JA:
      return instruction.k < rest ? nullptr : "jump out of the program";
    case BPF_LD | BPF_W | BPF_ABS:
      if (instruction.k % 4 != 0 || instruction.k >= sizeof(seccomp_data))
        return "load outside the call's data";
      [[fallthrough]];
    case BPF_ALU | BPF_AND | BPF_K:
      return rest > 0 ? nullptr : "no return at the end";
    case BPF_RET | BPF_K:
      return nullptr;
    default:
      return "unknown instruction";
  }
}

}  // namespace

std::string Validate(std::span<const sock_filter> program) {
  if (program.empty() || program.size() > kMaxInstructions) {
    return "length " + std::to_string(program.size()) + " is not 1 to " + std::to_string(kMaxInstructions);
  }
  for (size_t at = 0; at < program.size(); at++) {
    if (const char* fault = Fault(program[at], program.size() - at - 1)) {
      return "instruction " + std::to_string(at) + ": " + fault;
    }
  }
  return {};
}

}  // namespace mcpo::seccomp
