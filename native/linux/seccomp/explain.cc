// The server's filter in words.
#include <errno.h>
#include <linux/seccomp.h>

#include <array>
#include <cstddef>
#include <cstdio>
#include <map>
#include <span>

#include "filter.h"
#include "interpret.h"
#include "numbers.h"

namespace mcpo::seccomp {
namespace {

constexpr size_t kColumns = 110;
constexpr std::string_view kByArguments = "by arguments";

std::string InWords(Verdict verdict) {
  if (verdict == kAllow) return "allow";
  if (verdict == kKill) return "kill";
  if (verdict == Errno(EPERM)) return "EPERM";
  if (verdict == Errno(ENOSYS)) return "ENOSYS";
  if (verdict == Errno(EINVAL)) return "EINVAL";
  return "errno " + std::to_string(verdict & SECCOMP_RET_DATA);
}

std::string AnswerTo(std::span<const sock_filter> program, uint32_t number) {
  seccomp_data call = {};
  call.nr = static_cast<int>(number);
  call.arch = AuditArch(kHostArch);
  const Outcome outcome = Interpret(program, call);
  return outcome.looked_at_arguments ? std::string(kByArguments) : InWords(outcome.verdict);
}

// What the program answers, not what the policy says it should.
std::string Summary(std::span<const sock_filter> program) {
  std::map<std::string, std::string> lines;
  for (const Syscall& call : Syscalls()) {
    const auto number = NumberOf(call.name, kHostArch);
    if (!number) continue;
    const std::string answer = AnswerTo(program, *number);
    std::string& text = lines.try_emplace(answer, answer + ":").first->second;
    const size_t line_start = text.rfind('\n') + 1;  // npos + 1 is 0
    text += text.size() - line_start + call.name.size() >= kColumns ? "\n    " : " ";
    text += call.name;
  }
  std::string summary;
  for (const auto& [answer, text] : lines) summary += text + "\n";
  return summary + "ENOSYS: every other number\nkill: every other architecture, and the x32 ABI\n";
}

std::string RulesInWords() {
  std::string text;
  for (const RuledGroup& group : ServerRuled()) {
    for (const std::string_view name : group.names)
      text += std::string(name) + ": " + std::string(group.why) + "\n";
  }
  return text;
}

std::string Operand(const sock_filter& instruction) {
  constexpr uint32_t kArguments = offsetof(seccomp_data, args);
  if (instruction.code == (BPF_RET | BPF_K)) return InWords(instruction.k);
  if (instruction.code == (BPF_LD | BPF_W | BPF_ABS)) {
    if (instruction.k == offsetof(seccomp_data, nr)) return "number";
    if (instruction.k == offsetof(seccomp_data, arch)) return "architecture";
    const uint32_t from = instruction.k - kArguments;
    return "argument " + std::to_string(from / 8) + (from % 8 == 0 ? " low" : " high");
  }
  std::array<char, 16> hex;
  std::snprintf(hex.data(), hex.size(), "0x%x", instruction.k);
  return hex.data();
}

const char* Mnemonic(uint16_t code) {
  switch (code) {
    case BPF_LD | BPF_W | BPF_ABS:
      return "load";
    case BPF_ALU | BPF_AND | BPF_K:
      return "and";
    case BPF_JMP | BPF_JA:
      return "jump";
    case BPF_JMP | BPF_JEQ | BPF_K:
      return "equal";
    case BPF_JMP | BPF_JGE | BPF_K:
      return "at least";
    default:
      return "return";
  }
}

std::string Targets(size_t at, const sock_filter& instruction) {
  if (BPF_CLASS(instruction.code) != BPF_JMP) return "";
  if (instruction.code == (BPF_JMP | BPF_JA)) return " -> " + std::to_string(at + 1 + instruction.k);
  return " ? " + std::to_string(at + 1 + instruction.jt) + " : " + std::to_string(at + 1 + instruction.jf);
}

std::string Listing(std::span<const sock_filter> program) {
  std::string text;
  for (size_t at = 0; at < program.size(); at++) {
    const sock_filter& instruction = program[at];
    const bool is_jump = instruction.code == (BPF_JMP | BPF_JA);
    text += std::to_string(at) + "  " + Mnemonic(instruction.code);
    if (!is_jump) text += " " + Operand(instruction);
    text += Targets(at, instruction) + "\n";
  }
  return text;
}

}  // namespace

std::string Explain() {
  const std::vector<sock_filter>& program = ServerFilter(Refusals::kAnswered);
  return Summary(program) + "\n" + RulesInWords() + "\n" + std::to_string(program.size()) +
         " instructions\n" + Listing(program);
}

}  // namespace mcpo::seccomp
