#include "assembler.h"

namespace mcpo::seccomp {
namespace {

// Conditional jumps have 8 bits. Some less than 255, for bringing one target nearer moves the other away.
constexpr size_t kReach = 250;

constexpr uint16_t kReturn = BPF_RET | BPF_K;

}  // namespace

Assembler::Label Assembler::Return(uint32_t value) {
  const auto found = returns_.find(value);
  if (found != returns_.end()) return found->second;
  return returns_[value] = Push(BPF_STMT(kReturn, value));
}

Assembler::Label Assembler::Branch(uint16_t code, uint32_t operand, Label yes, Label no) {
  if (yes == no) return yes;
  const Label near_yes = Near(yes);
  const Label near_no = Near(no);
  const size_t here = reversed_.size();
  const auto jump_yes = static_cast<uint8_t>(here - near_yes - 1);
  const auto jump_no = static_cast<uint8_t>(here - near_no - 1);
  return Push(BPF_JUMP(static_cast<uint16_t>(BPF_JMP | code | BPF_K), operand, jump_yes, jump_no));
}

Assembler::Label Assembler::Before(Label next, uint16_t code, uint32_t operand) {
  if (next + 1 != reversed_.size())
    Push(BPF_STMT(BPF_JMP | BPF_JA, static_cast<uint32_t>(reversed_.size() - next - 1)));
  return Push(BPF_STMT(code, operand));
}

std::vector<sock_filter> Assembler::Finish() && {
  return {reversed_.rbegin(), reversed_.rend()};
}

Assembler::Label Assembler::Push(sock_filter instruction) {
  reversed_.push_back(instruction);
  return reversed_.size() - 1;
}

// The target itself, or something within reach that does the same: a copy of a return, or a long jump.
Assembler::Label Assembler::Near(Label target) {
  const size_t distance = reversed_.size() - target;
  if (distance <= kReach) return target;
  const sock_filter instruction = reversed_[target];
  if (instruction.code != kReturn)
    return Push(BPF_STMT(BPF_JMP | BPF_JA, static_cast<uint32_t>(distance - 1)));
  return returns_[instruction.k] = Push(instruction);
}

}  // namespace mcpo::seccomp
