// The JSON-RPC message scanner: one pass over bytes, resumable at any byte, no memory of its own.
// lib/protocol/scan/ is its twin in TypeScript: same state, same records, one contract
// (lib/protocol/scan/layout.ts).
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcpo::scan {

inline constexpr int kFieldCount = 14;
inline constexpr std::int32_t kMaxDepth = 1024;
inline constexpr std::int32_t kMaxLimit = (1 << 30) - 1;
// Flags, bits of the fields present, start, length; then start and end of each field present.
inline constexpr std::int32_t kRecordHead = 4;
inline constexpr std::int32_t kMaxRecordWords = kRecordHead + 2 * kFieldCount;

// The words of the caller's Int32Array. layout.ts says what each means.
struct State {
  std::int32_t lex;
  std::int32_t depth;
  std::int32_t origin;
  std::int32_t length;
  std::int32_t limit;
  std::int32_t mode;
  std::int32_t position;
  std::int32_t write;
  std::int32_t problem;
  std::int32_t kind;
  std::int32_t breaks;
  std::int32_t seen;
  std::int32_t located;
  std::int32_t track;
  std::int32_t keyNode;
  std::int32_t keyFolded;
  std::int32_t inKey;
  std::int32_t left;
  std::int32_t low;
  std::int32_t high;
  std::int32_t code;
  std::int32_t word;
  std::int32_t top;
  std::int32_t open[4];
  std::int32_t type[3];
  std::int32_t spans[2 * kFieldCount];
  std::uint32_t stack[kMaxDepth / 32];
};
inline constexpr std::size_t kStateWords = 90;
static_assert(sizeof(State) == kStateWords * sizeof(std::int32_t));

struct Bytes {
  const std::uint8_t* data;
  std::size_t size;
};

struct Records {
  std::int32_t* words;
  std::size_t count;
};

// Scans `chunk` from `from` on; see ScanChunk in lib/protocol/scan.ts. Returns the number of records
// appended, or -1 when an argument or the state is not sound; nothing is touched then.
std::int32_t ScanChunk(Bytes chunk, std::size_t from, State& state, Records records);

}  // namespace mcpo::scan
