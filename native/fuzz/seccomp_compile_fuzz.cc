// Any rule: the compiled program answers as the rule read aloud does.
#include <cstring>

#include "../linux/seccomp/compile.h"
#include "../linux/seccomp/interpret.h"
#include "../linux/seccomp/validate.h"
#include "seed.h"

namespace {

using namespace mcpo;

// Zeros once the input has ended.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : data_(data), left_(size) {}

  std::uint32_t Byte() {
    if (left_ == 0) return 0;
    --left_;
    return *data_++;
  }

  std::uint32_t Word() { return Byte() | Byte() << 8 | Byte() << 16 | Byte() << 24; }

 private:
  const std::uint8_t* data_;
  std::size_t left_;
};

// Small numbers most often, so that rules and calls meet.
std::uint32_t Operand(Input& input) {
  return input.Byte() % 2 == 0 ? input.Byte() % 8 : input.Word();
}

seccomp::Test AnyTest(Input& input) {
  seccomp::Test test{input.Byte() % 6, input.Byte() % 2 == 0 ? 0xffffffff : Operand(input), {}};
  test.whole = input.Byte() % 2 == 0;
  for (std::uint32_t count = 1 + input.Byte() % 4; count > 0; --count) test.values.push_back(Operand(input));
  return test;
}

seccomp::Rule AnyRule(Input& input) {
  seccomp::Rule rule{{}, seccomp::Errno(1)};
  for (std::uint32_t clauses = 1 + input.Byte() % 3; clauses > 0; --clauses) {
    seccomp::Clause clause{{}, input.Byte() % 2 == 0 ? seccomp::kAllow : seccomp::Errno(2)};
    for (std::uint32_t tests = 1 + input.Byte() % 3; tests > 0; --tests)
      clause.tests.push_back(AnyTest(input));
    rule.clauses.push_back(clause);
  }
  return rule;
}

bool Holds(const seccomp::Test& test, const seccomp_data& call) {
  const std::uint64_t argument = call.args[test.argument];
  if (test.whole && argument >> 32 != 0) return false;
  for (const std::uint32_t value : test.values)
    if ((static_cast<std::uint32_t>(argument) & test.mask) == value) return true;
  return false;
}

bool Holds(const seccomp::Clause& clause, const seccomp_data& call) {
  for (const seccomp::Test& test : clause.tests)
    if (!Holds(test, call)) return false;
  return true;
}

seccomp::Verdict Aloud(const seccomp::Rule& rule, const seccomp_data& call) {
  for (const seccomp::Clause& clause : rule.clauses)
    if (Holds(clause, call)) return clause.verdict;
  return rule.otherwise;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const seccomp::Rule rule = AnyRule(input);
  const seccomp::Policy policy{{{"some", {"read"}}}, {}, {}, {{"any", {"close", "ioctl"}, rule}}};
  const std::vector<sock_filter> program = seccomp::Compile(policy, seccomp::kHostArch);
  fuzz::Demand(seccomp::Validate(program).empty(), "what is compiled is sound");
  seccomp_data call{};
  call.arch = seccomp::AuditArch(seccomp::kHostArch);
  call.nr = static_cast<int>(*seccomp::NumberOf("ioctl", seccomp::kHostArch));
  for (int round = 0; round < 8; ++round) {
    for (auto& argument : call.args)
      argument = Operand(input) | static_cast<std::uint64_t>(input.Byte() % 4 == 0) << 32;
    fuzz::Demand(seccomp::Interpret(program, call).verdict == Aloud(rule, call),
                 "the program answers as its rule");
  }
  return 0;
}
