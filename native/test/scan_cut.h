// The scanner fed in two pieces, for its tests and its fuzzer: the records must not tell where the cut was.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "../core/scan.h"

namespace mcpo::test {

using Words = std::vector<std::int32_t>;

// A copy on the heap of exactly this size, so that a sanitizer sees the first byte read beyond it.
inline std::int32_t Feed(scan::State& state, std::string_view text, Words& records) {
  const std::vector<std::uint8_t> chunk(text.begin(), text.end());
  return scan::ScanChunk({chunk.data(), chunk.size()}, 0, state, {records.data(), records.size()});
}

// Records of the text cut at `cut`, of at most `words` words; their starts, which are counted from the chunk,
// as if nothing had been cut.
inline Words RecordsOf(std::string_view text, std::size_t cut, scan::State state, std::size_t words) {
  Words records(words);
  Feed(state, text.substr(0, cut), records);
  const std::int32_t first = state.write;
  Feed(state, text.substr(cut), records);
  for (std::int32_t at = 0; at < state.write;) {
    if (at >= first) records[at + 2] += static_cast<std::int32_t>(cut);
    at += scan::kRecordHead + 2 * std::popcount(static_cast<std::uint32_t>(records[at + 1]));
  }
  records.resize(static_cast<std::size_t>(state.write));
  return records;
}

}  // namespace mcpo::test
