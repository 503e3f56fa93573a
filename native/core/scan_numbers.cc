#include <cstring>

#include "scan_keys.h"
#include "scan_machine.h"

namespace mcpo::scan {
namespace {

constexpr std::int32_t kNoNumber = -1;
constexpr std::int32_t kNumberEnds = -2;
constexpr const char* kLiterals[] = {"true", "false", "null"};

std::int32_t AfterDigit(std::int32_t lex, std::uint8_t byte) {
  switch (lex) {
    case kMinus:
      return byte == '0' ? kZero : kInteger;
    case kZero:
      return kNoNumber;
    case kDot:
      return kFraction;
    case kExponent:
    case kExponentSign:
      return kExponentDigits;
    default:
      return lex;
  }
}

std::int32_t AfterByte(std::int32_t lex, std::uint8_t byte) {
  if (byte >= '0' && byte <= '9') return AfterDigit(lex, byte);
  const bool isWhole = lex == kZero || lex == kInteger;
  switch (byte) {
    case '.':
      return isWhole ? kDot : kNoNumber;
    case 'e':
    case 'E':
      return isWhole || lex == kFraction ? kExponent : kNoNumber;
    case '+':
    case '-':
      return lex == kExponent ? kExponentSign : kNoNumber;
    default:
      return isWhole || lex == kFraction || lex == kExponentDigits ? kNumberEnds : kNoNumber;
  }
}

}  // namespace

Machine::At Machine::Number(At at) {
  std::int32_t lex = s_.lex;
  for (; at < size_; ++at) {
    const std::int32_t next = AfterByte(lex, data_[at]);
    if (next == kNoNumber) return Fail(at, kSyntax);
    if (next == kNumberEnds) return EndNumber(lex, at);
    lex = next;
  }
  s_.lex = lex;
  return at;
}

Machine::At Machine::EndNumber(std::int32_t lex, At at) {
  const bool isInteger = lex == kZero || lex == kInteger;
  const bool isId = s_.depth == 1 && s_.track == 1 && s_.open[1] == kId;
  if (isId && !isInteger) s_.type[kId] = 0;
  return EndValue(at);
}

Machine::At Machine::BeginLiteral(std::uint8_t byte, At at) {
  s_.word = byte == 't' ? 0 : byte == 'f' ? 1 : 2;
  s_.left = static_cast<std::int32_t>(std::strlen(kLiterals[s_.word])) - 1;
  s_.lex = kLiteral;
  return at + 1;
}

Machine::At Machine::Literal(At at) {
  const char* end = kLiterals[s_.word] + std::strlen(kLiterals[s_.word]);
  for (; at < size_; ++at) {
    if (data_[at] != static_cast<std::uint8_t>(*(end - s_.left))) return Fail(at, kSyntax);
    s_.left -= 1;
    if (s_.left == 0) return EndValue(at + 1);
  }
  return at;
}

}  // namespace mcpo::scan
