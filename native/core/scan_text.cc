#include <bit>
#include <cstring>

#include "scan_keys.h"
#include "scan_machine.h"

namespace mcpo::scan {
namespace {

constexpr std::uint64_t Repeat(std::uint8_t byte) {
  return 0x0101010101010101u * byte;
}

// Marks the high bit of each byte that is a quote, a backslash, a control character or above ASCII. A borrow
// may mark other bytes, but only more significant ones than one that is.
std::uint64_t SpecialBytes(std::uint64_t bytes) {
  const std::uint64_t quote = bytes ^ Repeat('"');
  const std::uint64_t backslash = bytes ^ Repeat('\\');
  const std::uint64_t special = ((quote - Repeat(1)) & ~quote) | ((backslash - Repeat(1)) & ~backslash) |
                                ((bytes - Repeat(0x20)) & ~bytes) | bytes;
  return special & Repeat(0x80);
}

bool IsPlain(std::uint8_t byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

struct Lead {
  std::int32_t left;
  std::uint8_t low;
  std::uint8_t high;
};

// How a sequence goes on. The bounds of its second byte keep out overlong forms, surrogates and what is above
// U+10FFFF.
Lead LeadOf(std::uint8_t byte) {
  if (byte < 0xc2 || byte > 0xf4) return {0, 0, 0};
  const std::int32_t left = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
  const std::uint8_t low = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
  const std::uint8_t high = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
  return {left, low, high};
}

bool IsContinuation(std::uint8_t byte) {
  return (byte & 0xc0) == 0x80;
}

std::int32_t HexDigit(std::uint8_t byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const std::uint8_t lower = byte | 0x20;
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::int32_t Unescaped(std::uint8_t byte) {
  switch (byte) {
    case '"':
    case '\\':
    case '/':
      return byte;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return -1;
  }
}

}  // namespace

Machine::At Machine::String(At at) {
  if (s_.keyNode != 0) at = FeedPlain(at);
  if (s_.keyNode == 0) at = SkipPlain(at);
  if (at == size_) return at;
  const std::uint8_t byte = data_[at];
  if (byte == '"') return EndString(at);
  if (byte >= 0x80) return BeginSequence(byte, at);
  if (byte != '\\') return Fail(at, kSyntax);
  s_.lex = kEscape;
  return at + 1;
}

Machine::At Machine::Escape(At at) {
  if (data_[at] == 'u') {
    s_.lex = kHex;
    s_.left = 4;
    s_.code = 0;
    return at + 1;
  }
  const std::int32_t code = Unescaped(data_[at]);
  return code < 0 ? Fail(at, kSyntax) : EndCharacter(code, at);
}

Machine::At Machine::Hex(At at) {
  const std::int32_t digit = HexDigit(data_[at]);
  if (digit < 0) return Fail(at, kSyntax);
  s_.code = s_.code << 4 | digit;
  s_.left -= 1;
  return s_.left == 0 ? EndCharacter(s_.code, at) : at + 1;
}

Machine::At Machine::Sequence(At at) {
  const std::uint8_t byte = data_[at];
  if (byte < s_.low || byte > s_.high) return Fail(at, kBadUtf8);
  s_.low = 0x80;
  s_.high = 0xbf;
  s_.code = s_.code << 6 | (byte & 0x3f);
  s_.left -= 1;
  return s_.left == 0 ? EndCharacter(s_.code, at) : at + 1;
}

Machine::At Machine::BeginSequence(std::uint8_t byte, At at) {
  const Lead lead = LeadOf(byte);
  if (lead.left == 0) return Fail(at, kBadUtf8);
  s_.lex = kUtf8;
  s_.left = lead.left;
  s_.code = byte & (0x3f >> lead.left);
  s_.low = lead.low;
  s_.high = lead.high;
  return at + 1;
}

Machine::At Machine::EndCharacter(std::int32_t code, At at) {
  if (s_.keyNode != 0) FeedKey(code);
  s_.lex = kString;
  return at + 1;
}

// To the first byte that a string does not take as it is, over whole sequences above ASCII too.
Machine::At Machine::SkipPlain(At at) const {
  for (;;) {
    for (; size_ - at >= 8; at += 8) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, data_ + at, 8);
      const std::uint64_t special = SpecialBytes(bytes);
      if (special == 0) continue;
      if constexpr (std::endian::native == std::endian::little) at += std::countr_zero(special) / 8;
      break;
    }
    while (at < size_ && IsPlain(data_[at])) ++at;
    if (at == size_ || data_[at] < 0x80) return at;
    const At next = SkipSequences(at);
    if (next == at) return at;
    at = next;
  }
}

// Over valid sequences that lie in the chunk with a byte to spare; what else there is, the slow way judges.
Machine::At Machine::SkipSequences(At at) const {
  while (size_ - at >= 4 && data_[at] >= 0x80) {
    const Lead lead = LeadOf(data_[at]);
    if (lead.left == 0 || data_[at + 1] < lead.low || data_[at + 1] > lead.high) return at;
    if (lead.left > 1 && !IsContinuation(data_[at + 2])) return at;
    if (lead.left > 2 && !IsContinuation(data_[at + 3])) return at;
    at += 1 + lead.left;
  }
  return at;
}

Machine::At Machine::FeedPlain(At at) {
  std::int32_t node = s_.keyNode;
  for (; node != 0 && at < size_ && IsPlain(data_[at]); ++at) {
    node = kKeyTree.Step(node, data_[at]);
    if (node != 0 && kKeyTree.LabelAt(node) != data_[at]) s_.keyFolded = 1;
  }
  s_.keyNode = node;
  return at;
}

void Machine::FeedKey(std::int32_t code) {
  s_.keyNode = kKeyTree.Step(s_.keyNode, code);
  if (s_.keyNode != 0 && kKeyTree.LabelAt(s_.keyNode) != code) s_.keyFolded = 1;
}

}  // namespace mcpo::scan
