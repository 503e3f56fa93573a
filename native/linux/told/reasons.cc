#include "reasons.h"

#include <map>

#include "../seccomp/numbers.h"
#include "../seccomp/policy.h"

namespace mcpo::told {
namespace {

using Reasons = std::map<int, Reason>;

template <typename Groups>
void Add(Reasons& reasons, const Groups& groups) {
  for (const auto& group : groups) {
    for (const std::string_view name : group.names) {
      const auto number = seccomp::NumberOf(name, seccomp::kHostArch);
      if (number) reasons[static_cast<int>(*number)] = {name, group.why};
    }
  }
}

// The texts are literals: they outlive the policy that they are taken from.
Reasons All() {
  Reasons reasons;
  Add(reasons, seccomp::ServerDenied());
  Add(reasons, seccomp::ServerRuled());
  return reasons;
}

}  // namespace

Reason ReasonOf(int number) {
  static const Reasons reasons = All();
  const auto found = reasons.find(number);
  return found == reasons.end() ? Reason{"?", ""} : found->second;
}

}  // namespace mcpo::told
