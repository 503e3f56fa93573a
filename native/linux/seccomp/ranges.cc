#include "ranges.h"

#include <errno.h>

#include <map>

namespace mcpo::seccomp {
namespace {

using Answers = std::map<uint32_t, Answer>;

constexpr Answer kUnknown = {Errno(ENOSYS)};

// x32 calls are x86-64's with this bit: another ABI with other structures. -1 names no call in any ABI
// (tracers skip calls with it, programs probe with it) and gets what the kernel says.
constexpr uint32_t kX32 = 0x40000000;
constexpr uint32_t kNoCall = 0xffffffff;

void Add(Answers& answers, const std::vector<std::string_view>& names, Arch arch, Answer answer) {
  for (const std::string_view name : names) {
    if (const auto number = NumberOf(name, arch)) answers[*number] = answer;
  }
}

Answers AnswersOf(const Policy& policy, Arch arch) {
  Answers answers;
  for (const Group& group : policy.allowed) Add(answers, group.names, arch, {kAllow});
  for (const Group& group : policy.denied) Add(answers, group.names, arch, {Errno(EPERM)});
  for (const Group& group : policy.watched) Add(answers, group.names, arch, {Told(0)});
  for (const RuledGroup& group : policy.ruled) Add(answers, group.names, arch, {kAllow, &group.rule});
  return answers;
}

void Append(std::vector<Run>& runs, uint32_t first, Answer answer) {
  if (runs.empty() || runs.back().answer != answer) runs.push_back({first, answer});
}

}  // namespace

std::vector<Run> RunsOf(const Policy& policy, Arch arch) {
  std::vector<Run> runs;
  uint32_t next = 0;
  for (const auto& [number, answer] : AnswersOf(policy, arch)) {
    if (number > next) Append(runs, next, kUnknown);
    Append(runs, number, answer);
    next = number + 1;
  }
  Append(runs, next, kUnknown);
  if (arch == Arch::kX86_64) {
    Append(runs, kX32, {kKill});
    Append(runs, kNoCall, kUnknown);
  }
  return runs;
}

}  // namespace mcpo::seccomp
