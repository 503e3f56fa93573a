#include "telling.h"

#include <errno.h>

#include <algorithm>

#include "path_calls.h"

namespace mcpo::seccomp {
namespace {

bool NamesFile(std::string_view name) {
  return std::ranges::find(PathCalls(), name, &PathCall::name) != PathCalls().end();
}

void TellOfAllowed(Rule& rule) {
  const auto tell = [](Verdict& verdict) {
    if (verdict == kAllow) verdict = Told(0);
  };
  for (Clause& clause : rule.clauses) tell(clause.verdict);
  tell(rule.otherwise);
}

}  // namespace

std::vector<sock_filter> Telling(std::span<const sock_filter> program) {
  std::vector<sock_filter> told(program.begin(), program.end());
  for (sock_filter& instruction : told) {
    if (instruction.code == (BPF_RET | BPF_K) && instruction.k == Errno(EPERM)) instruction.k = Told(EPERM);
  }
  return told;
}

Policy Explaining(Policy policy) {
  Group watched = {"file accesses, told before they are made", {}};
  for (Group& group : policy.allowed) {
    std::ranges::copy_if(group.names, std::back_inserter(watched.names), NamesFile);
    std::erase_if(group.names, NamesFile);
  }
  for (RuledGroup& group : policy.ruled) {
    if (std::ranges::any_of(group.names, NamesFile)) TellOfAllowed(group.rule);
  }
  policy.watched = {watched};
  return policy;
}

}  // namespace mcpo::seccomp
