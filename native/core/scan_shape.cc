#include "scan_keys.h"
#include "scan_machine.h"

namespace mcpo::scan {
namespace {

constexpr std::int32_t kAbsent = -1;
constexpr std::int32_t kPresent = -2;
constexpr std::int32_t kNull = 'n';
constexpr std::int32_t kBad = -3;

std::int32_t IdKind(std::int32_t first) {
  if (first == kNull) return kNull;
  return first == '"' || first == '-' || (first >= '0' && first <= '9') ? kPresent : kBad;
}

}  // namespace

// The message's value ended before `at`. Trailing garbage may still make it invalid.
void Machine::FinishMessage(At at) {
  s_.length = at - s_.origin;
  if (s_.length > s_.limit) {
    Refuse(kTooLarge);
    s_.lex = kSkip;
    return;
  }
  s_.lex = kEnd;
  s_.kind = KindOf();
  if (s_.kind == kInvalid) Refuse(kShape);
}

void Machine::Refuse(Problem problem) {
  s_.problem = problem;
  s_.kind = kInvalid;
}

Kind Machine::KindOf() const {
  if (s_.top == '[') return kBatch;
  if (s_.top != '{') return kInvalid;
  if (Has(kParams) && s_.type[kParams] != '{' && s_.type[kParams] != '[') return kInvalid;
  const std::int32_t id = Has(kId) ? IdKind(s_.type[kId]) : kAbsent;
  if (id == kBad) return kInvalid;
  return Has(kMethod) ? CallKind(id) : ResponseKind(id);
}

// A request's id is a string or an integer; MCP does not allow null there.
Kind Machine::CallKind(std::int32_t id) const {
  if (Has(kResult) || Has(kError) || s_.type[kMethod] != '"' || id == kNull) return kInvalid;
  return id == kAbsent ? kNotification : kRequest;
}

// Only an error may answer a message whose id was not understood.
Kind Machine::ResponseKind(std::int32_t id) const {
  if (Has(kResult) == Has(kError)) return kInvalid;
  return id == kPresent || Has(kError) ? kResponse : kInvalid;
}

}  // namespace mcpo::scan
