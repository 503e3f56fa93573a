#include "scan.h"

#include <algorithm>
#include <cstring>

#include "scan_keys.h"
#include "scan_machine.h"

namespace mcpo::scan {
namespace {

// Farthest that `origin` goes back: a frame that is being skipped may be longer than 32 bits can count.
constexpr std::int32_t kMinOrigin = -(1 << 30);

bool IsWithin(std::int32_t value, std::int32_t low, std::int32_t high) {
  return value >= low && value <= high;
}

bool NeedsContainer(std::int32_t lex) {
  return lex == kArrayFirst || lex == kObjectFirst || lex == kAfter;
}

bool IsInString(std::int32_t lex) {
  return lex >= kString && lex <= kUtf8;
}

bool IsCounting(std::int32_t lex) {
  return lex == kHex || lex == kUtf8 || lex == kLiteral;
}

// The state comes from JavaScript: what is used as an index, a count or an enumerator here is checked first.
bool AreIndexesSound(const State& s) {
  const bool isInField = std::all_of(std::begin(s.open), std::end(s.open),
                                     [](std::int32_t field) { return IsWithin(field, -1, kFieldCount - 1); });
  return isInField && IsWithin(s.depth, 0, kMaxDepth) && IsWithin(s.track, 0, std::min(s.depth, 3)) &&
         IsWithin(s.keyNode, 0, kKeyTree.size() - 1) && IsWithin(s.word, 0, 2) && s.write >= 0;
}

bool IsGrammarSound(const State& s) {
  return IsWithin(s.lex, kStart, kExponentDigits) && IsWithin(s.mode, kLines, kDocument) &&
         IsWithin(s.left, IsCounting(s.lex) ? 1 : 0, 4) && (s.depth > 0 || !NeedsContainer(s.lex)) &&
         (s.keyNode == 0 || s.depth == s.track || !IsInString(s.lex));
}

bool IsSound(const State& s, std::int32_t size) {
  return AreIndexesSound(s) && IsGrammarSound(s) && IsWithin(s.origin, kMinOrigin, size) &&
         IsWithin(s.limit, 1, kMaxLimit);
}

}  // namespace

std::int32_t ScanChunk(Bytes chunk, std::size_t from, State& state, Records records) {
  if (chunk.size > static_cast<std::size_t>(kMaxLimit) || from > chunk.size) return -1;
  if (!IsSound(state, static_cast<std::int32_t>(chunk.size))) return -1;
  return Machine(chunk, state).Run(static_cast<std::int32_t>(from), records);
}

std::int32_t Machine::Run(At at, Records records) {
  std::int32_t count = 0;
  while (at < size_ && static_cast<std::size_t>(s_.write) + kMaxRecordWords <= records.count) {
    if (s_.lex != kEnd && s_.lex != kSkip) {
      at = Token(at);
      continue;
    }
    at = FrameEnd(at);
    if (at == size_) break;
    Write(at, records);
    s_.lex = kStart;
    count += 1;
    at += 1;
  }
  if (at == size_) EndChunk();
  s_.position = at;
  return count;
}

// Position of the LF that ends a complete or refused frame, or the chunk's size.
Machine::At Machine::FrameEnd(At at) {
  const bool isLines = s_.mode == kLines;
  if (s_.lex == kEnd) {
    at = SkipSpace(at, isLines);
    if (at == size_ || (isLines && data_[at] == '\n')) return at;
    Fail(at, kSyntax);
  }
  if (!isLines) return size_;
  const void* end = std::memchr(data_ + at, '\n', static_cast<std::size_t>(size_ - at));
  return end == nullptr ? size_ : static_cast<At>(static_cast<const std::uint8_t*>(end) - data_);
}

Machine::At Machine::Token(At at) {
  switch (s_.lex) {
    case kStart:
      return Start(at);
    case kString:
      return String(at);
    case kEscape:
      return Escape(at);
    case kHex:
      return Hex(at);
    case kUtf8:
      return Sequence(at);
    case kLiteral:
      return Literal(at);
    case kValue:
    case kArrayFirst:
    case kObjectFirst:
    case kKey:
    case kColon:
    case kAfter:
      return Structure(at);
    default:
      return Number(at);
  }
}

// White space and empty lines before a message belong to nobody.
Machine::At Machine::Start(At at) {
  at = SkipSpace(at, false);
  if (at == size_) return at;
  s_.lex = kValue;
  s_.depth = 0;
  s_.origin = at;
  s_.length = 0;
  s_.problem = kNone;
  s_.breaks = 0;
  s_.seen = 0;
  s_.located = 0;
  s_.track = 0;
  s_.top = data_[at];
  s_.open[0] = -1;
  return at;
}

// Goes on as long as one token follows another within the chunk: most of a message is read in here.
Machine::At Machine::Structure(At at) {
  do {
    at = SkipSpaceInside(at);
    if (at == size_) return at;
    at = Punctuation(data_[at], at);
  } while (at < size_ && s_.lex >= kValue && s_.lex <= kAfter);
  return at;
}

Machine::At Machine::Punctuation(std::uint8_t byte, At at) {
  switch (s_.lex) {
    case kColon:
      if (byte != ':') return Fail(at, kSyntax);
      s_.lex = kValue;
      return at + 1;
    case kAfter:
      return After(byte, at);
    case kObjectFirst:
      if (byte == '}') return CloseContainer(at);
      return byte == '"' ? Key(at) : Fail(at, kSyntax);
    case kKey:
      return byte == '"' ? Key(at) : Fail(at, kSyntax);
    case kArrayFirst:
      return byte == ']' ? CloseContainer(at) : Value(byte, at);
    default:
      return Value(byte, at);
  }
}

// With its colon, when that follows at once.
Machine::At Machine::Key(At at) {
  at = String(BeginKey(at));
  if (s_.lex != kColon || at == size_ || data_[at] != ':') return at;
  s_.lex = kValue;
  return at + 1;
}

Machine::At Machine::After(std::uint8_t byte, At at) {
  const bool isObject = IsInObject();
  if (byte == ',') {
    s_.lex = isObject ? kKey : kValue;
    return at + 1;
  }
  return byte == (isObject ? '}' : ']') ? CloseContainer(at) : Fail(at, kSyntax);
}

Machine::At Machine::Value(std::uint8_t byte, At at) {
  NoteStart(byte, at);
  switch (byte) {
    case '"':
      return String(BeginString(at));
    case '{':
      return OpenContainer(true, at);
    case '[':
      return OpenContainer(false, at);
    case 't':
    case 'f':
    case 'n':
      return Literal(BeginLiteral(byte, at));
    case '-':
      s_.lex = kMinus;
      return Number(at + 1);
    case '0':
      s_.lex = kZero;
      return Number(at + 1);
    default:
      if (byte < '1' || byte > '9') return Fail(at, kSyntax);
      s_.lex = kInteger;
      return Number(at + 1);
  }
}

Machine::At Machine::SkipSpace(At at, bool stopsAtLf) const {
  for (; at < size_; ++at) {
    const std::uint8_t byte = data_[at];
    if (byte != ' ' && byte != '\t' && byte != '\r' && (byte != '\n' || stopsAtLf)) break;
  }
  return at;
}

// Between tokens a raw CR (and in a document LF) is legal but noted.
Machine::At Machine::SkipSpaceInside(At at) {
  for (; at < size_ && data_[at] <= ' '; ++at) {
    const std::uint8_t byte = data_[at];
    if (byte == '\r' || (byte == '\n' && s_.mode == kDocument)) {
      s_.breaks = 1;
    } else if (byte != ' ' && byte != '\t') {
      break;
    }
  }
  return at;
}

// The record of the frame that ends before `at`; Run made sure of the room.
void Machine::Write(At at, Records records) {
  std::int32_t* out = records.words + s_.write;
  *out++ = s_.kind | s_.problem << 4 | s_.breaks << 8;
  *out++ = s_.located;
  *out++ = s_.origin;
  *out++ = s_.kind == kInvalid ? at - s_.origin : s_.length;
  for (std::int32_t field = 0; field < kFieldCount; ++field) {
    if (!Has(field)) continue;
    *out++ = s_.spans[2 * field];
    *out++ = s_.spans[2 * field + 1];
  }
  s_.write = static_cast<std::int32_t>(out - records.words);
}

// The next chunk's positions start at 0 again. A message that has outgrown its limit is given up here.
void Machine::EndChunk() {
  const bool isInside = s_.lex != kStart && s_.lex != kEnd && s_.lex != kSkip;
  if (isInside && size_ - s_.origin > s_.limit) Fail(size_, kTooLarge);
  s_.origin = std::max(s_.origin - size_, kMinOrigin);
}

}  // namespace mcpo::scan
