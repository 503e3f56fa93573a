#include "telling.h"

#include <errno.h>

#include <algorithm>
#include <cstddef>

#include "path_calls.h"

namespace mcpo::seccomp {
namespace {

// Little-endian, as in compile.cc.
constexpr uint32_t kLowHalfOfMarked = offsetof(seccomp_data, args) + kMarkedArgument * sizeof(uint64_t);

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

// Behind the program's end, so that none of its jumps changes.
std::vector<sock_filter> Telling(std::span<const sock_filter> program) {
  std::vector<sock_filter> told(program.begin(), program.end());
  const size_t tail = told.size();
  for (size_t at = 0; at < tail; ++at) {
    if (told[at].code != (BPF_RET | BPF_K) || told[at].k != Errno(EPERM)) continue;
    told[at] = BPF_STMT(BPF_JMP | BPF_JA, static_cast<uint32_t>(tail - at - 1));
  }
  told.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kLowHalfOfMarked));
  told.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMark, 0, 1));
  told.push_back(BPF_STMT(BPF_RET | BPF_K, Errno(EPERM)));
  told.push_back(BPF_STMT(BPF_RET | BPF_K, Told(EPERM)));
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
