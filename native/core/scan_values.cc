#include "scan_keys.h"
#include "scan_machine.h"

namespace mcpo::scan {

// The rest of the frame is skipped; the byte at fault is not consumed. Beyond the limit, being too large is
// the problem.
Machine::At Machine::Fail(At at, Problem problem) {
  s_.problem = at - s_.origin >= s_.limit ? kTooLarge : problem;
  s_.kind = kInvalid;
  s_.lex = kSkip;
  return at;
}

void Machine::NoteStart(std::uint8_t byte, At at) {
  if (s_.depth != s_.track) return;
  const std::int32_t field = s_.open[s_.depth];
  if (field < 0) return;
  s_.spans[2 * field] = at - s_.origin;
  if (field <= kParams) s_.type[field] = byte;
}

// What ends beyond the limit is not located, so that how the bytes were cut makes no difference.
void Machine::NoteEnd(At at) {
  const std::int32_t field = s_.open[s_.depth];
  if (field < 0) return;
  const At end = at - s_.origin;
  s_.spans[2 * field + 1] = end;
  if (end <= s_.limit) s_.located |= 1 << field;
  s_.open[s_.depth] = -1;
}

Machine::At Machine::EndValue(At at) {
  if (s_.depth == s_.track) NoteEnd(at);
  if (s_.depth == 0) {
    FinishMessage(at);
  } else {
    s_.lex = kAfter;
  }
  return at;
}

Machine::At Machine::BeginString(At at) {
  s_.inKey = 0;
  s_.keyNode = 0;
  s_.lex = kString;
  return at + 1;
}

// A key is matched only in a decisive object.
Machine::At Machine::BeginKey(At at) {
  s_.inKey = 1;
  s_.keyNode = s_.depth == s_.track ? s_.depth : 0;
  s_.keyFolded = 0;
  s_.lex = kString;
  return at + 1;
}

Machine::At Machine::EndString(At at) {
  if (s_.inKey == 0) return EndValue(at + 1);
  s_.lex = kColon;
  const std::int32_t field = kKeyTree.FieldAt(s_.keyNode);
  return field < 0 ? at + 1 : ClaimField(field, at);
}

// Twice is refused. So is another letter case at the top level, where a receiver that ignores case would find
// an id that we did not see; further in it counts only as an occurrence.
Machine::At Machine::ClaimField(std::int32_t field, At at) {
  const std::int32_t bit = 1 << field;
  const bool isFolded = s_.keyFolded == 1;
  if ((s_.seen & bit) != 0 || (isFolded && s_.depth == 1)) {
    Fail(at, kDuplicate);
    if (s_.problem == kDuplicate) s_.located &= ~bit;
    return at;
  }
  s_.seen |= bit;
  s_.open[s_.depth] = isFolded ? -1 : field;
  return at + 1;
}

Machine::At Machine::OpenContainer(bool isObject, At at) {
  if (s_.depth == kMaxDepth) return Fail(at, kTooDeep);
  std::uint32_t& bits = s_.stack[s_.depth >> 5];
  const std::uint32_t bit = std::uint32_t{1} << (s_.depth & 31);
  bits = isObject ? bits | bit : bits & ~bit;
  if (isObject && IsDecisive()) {
    s_.track = s_.depth + 1;
    s_.open[s_.track] = -1;
  }
  s_.depth += 1;
  s_.lex = isObject ? kObjectFirst : kArrayFirst;
  return at + 1;
}

Machine::At Machine::CloseContainer(At at) {
  s_.depth -= 1;
  if (s_.track > s_.depth) s_.track = s_.depth;
  return EndValue(at + 1);
}

bool Machine::IsInObject() const {
  const std::int32_t depth = s_.depth - 1;
  return (s_.stack[depth >> 5] >> (depth & 31) & 1) != 0;
}

// Is an object that opens here the message, its params or their _meta?
bool Machine::IsDecisive() const {
  if (s_.depth == 0) return true;
  if (s_.depth != s_.track) return false;
  const std::int32_t field = s_.open[s_.depth];
  return (s_.depth == 1 && field == kParams) || (s_.depth == 2 && field == kMeta);
}

}  // namespace mcpo::scan
