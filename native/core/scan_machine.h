// The inside of ScanChunk: one class whose methods take the position of a byte and return the next one.
#pragma once

#include "scan.h"

namespace mcpo::scan {

// Position in the grammar. The numbers are part of the contract with the twin.
enum Lex : std::int32_t {
  kStart,
  kValue,
  kArrayFirst,
  kObjectFirst,
  kKey,
  kColon,
  kAfter,
  kEnd,
  kSkip,
  kString,
  kEscape,
  kHex,
  kUtf8,
  kLiteral,
  kMinus,
  kZero,
  kInteger,
  kDot,
  kFraction,
  kExponent,
  kExponentSign,
  kExponentDigits,
};

enum Mode : std::int32_t { kLines, kDocument };
enum Kind : std::int32_t { kRequest, kNotification, kResponse, kBatch, kInvalid };
enum Problem : std::int32_t {
  kNone,
  kSyntax,
  kBadUtf8,
  kTooDeep,
  kDuplicate,
  kShape,
  kTooLarge,
};

class Machine {
 public:
  // A position in the chunk. Chunks and messages are below 1 GiB, so differences of positions fit too.
  using At = std::int32_t;

  Machine(Bytes chunk, State& state) : data_(chunk.data), size_(static_cast<At>(chunk.size)), s_(state) {}

  std::int32_t Run(At from, Records records);

 private:
  // scan.cc
  At Token(At at);
  At FrameEnd(At at);
  At Start(At at);
  At Structure(At at);
  At Punctuation(std::uint8_t byte, At at);
  At Key(At at);
  At After(std::uint8_t byte, At at);
  At Value(std::uint8_t byte, At at);
  At SkipSpace(At at, bool stopsAtLf) const;
  At SkipSpaceInside(At at);
  void Write(At at, Records records);
  void EndChunk();

  // scan_text.cc
  At String(At at);
  At Escape(At at);
  At Hex(At at);
  At Sequence(At at);
  At BeginSequence(std::uint8_t byte, At at);
  At EndCharacter(std::int32_t code, At at);
  At SkipPlain(At at) const;
  At SkipSequences(At at) const;
  At FeedPlain(At at);
  void FeedKey(std::int32_t code);

  // scan_values.cc
  At Fail(At at, Problem problem);
  void NoteStart(std::uint8_t byte, At at);
  void NoteEnd(At at);
  At EndValue(At at);
  At BeginString(At at);
  At BeginKey(At at);
  At EndString(At at);
  At ClaimField(std::int32_t field, At at);
  At OpenContainer(bool isObject, At at);
  At CloseContainer(At at);
  bool IsInObject() const;
  bool IsDecisive() const;

  // scan_numbers.cc
  At Number(At at);
  At EndNumber(std::int32_t lex, At at);
  At BeginLiteral(std::uint8_t byte, At at);
  At Literal(At at);

  // scan_shape.cc
  void FinishMessage(At at);
  void Refuse(Problem problem);
  Kind KindOf() const;
  Kind CallKind(std::int32_t id) const;
  Kind ResponseKind(std::int32_t id) const;
  bool Has(std::int32_t field) const { return (s_.located >> field & 1) != 0; }

  const std::uint8_t* data_;
  At size_;
  State& s_;
};

}  // namespace mcpo::scan
