#include "filters.h"

#include "../core/backend.h"
#include "seccomp/filter.h"

namespace mcpo {
namespace {

std::vector<FilterInstruction> Convert(const std::vector<sock_filter>& program) {
  std::vector<FilterInstruction> converted;
  converted.reserve(program.size());
  for (const sock_filter& one : program) converted.push_back({one.code, one.jt, one.jf, one.k});
  return converted;
}

}  // namespace

std::vector<FilterInstruction> ServerFilter(Refusals refusals) {
  return Convert(seccomp::ServerFilter(refusals));
}

std::vector<FilterInstruction> InitFilter(bool watches) {
  return Convert(seccomp::InitFilter(watches));
}

std::string ExplainFilter() {
  return seccomp::Explain();
}

}  // namespace mcpo
