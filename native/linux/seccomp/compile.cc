#include "compile.h"

#include <linux/seccomp.h>

#include <cstddef>
#include <map>
#include <span>
#include <utility>

#include "assembler.h"
#include "ranges.h"
#include "validate.h"

namespace mcpo::seccomp {
namespace {

using Label = Assembler::Label;

constexpr uint16_t kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr uint16_t kAnd = BPF_ALU | BPF_AND | BPF_K;

// Both architectures are little-endian: the low half of an argument comes first.
uint32_t LowHalf(uint32_t argument) {
  return static_cast<uint32_t>(offsetof(seccomp_data, args) + argument * sizeof(uint64_t));
}
uint32_t HighHalf(uint32_t argument) {
  return LowHalf(argument) + sizeof(uint32_t);
}

Label WriteTest(Assembler& program, const Test& test, Label yes, Label no) {
  Label next = no;
  for (auto value = test.values.rbegin(); value != test.values.rend(); ++value)
    next = program.Branch(BPF_JEQ, *value, yes, next);
  if (test.mask != 0xffffffff) next = program.Before(next, kAnd, test.mask);
  next = program.Before(next, kLoad, LowHalf(test.argument));
  if (!test.whole) return next;
  next = program.Branch(BPF_JEQ, 0, next, no);
  return program.Before(next, kLoad, HighHalf(test.argument));
}

Label WriteClause(Assembler& program, const Clause& clause, Label no) {
  Label next = program.Return(clause.verdict);
  for (auto test = clause.tests.rbegin(); test != clause.tests.rend(); ++test)
    next = WriteTest(program, *test, next, no);
  return next;
}

Label WriteRule(Assembler& program, const Rule& rule) {
  Label next = program.Return(rule.otherwise);
  // As iterators: clang 14 and 15 do not compile the views of libstdc++.
  for (auto clause = rule.clauses.rbegin(); clause != rule.clauses.rend(); ++clause)
    next = WriteClause(program, *clause, next);
  return next;
}

using Tails = std::map<const Rule*, Label>;

Label WriteSearch(Assembler& program, std::span<const Run> runs, const Tails& tails) {
  if (runs.size() == 1) {
    const Answer& answer = runs.front().answer;
    return answer.rule == nullptr ? program.Return(answer.verdict) : tails.at(answer.rule);
  }
  const size_t middle = runs.size() / 2;
  const Label upper = WriteSearch(program, runs.subspan(middle), tails);
  const Label lower = WriteSearch(program, runs.first(middle), tails);
  return program.Branch(BPF_JGE, runs[middle].first, upper, lower);
}

}  // namespace

std::vector<sock_filter> Compile(const Policy& policy, Arch arch) {
  Assembler program;
  const Label kill = program.Return(kKill);
  Tails tails;
  for (const RuledGroup& group : policy.ruled) tails[&group.rule] = WriteRule(program, group.rule);
  const Label search = WriteSearch(program, RunsOf(policy, arch), tails);
  const Label number = program.Before(search, kLoad, offsetof(seccomp_data, nr));
  const Label native = program.Branch(BPF_JEQ, AuditArch(arch), number, kill);
  program.Before(native, kLoad, offsetof(seccomp_data, arch));
  std::vector<sock_filter> code = std::move(program).Finish();
  if (!Validate(code).empty()) code.clear();
  return code;
}

}  // namespace mcpo::seccomp
