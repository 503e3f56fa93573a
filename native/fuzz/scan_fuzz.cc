// Bytes of a stranger: the same records wherever they are cut, and no step outside whatever state they are
// scanned in.
#include <bit>
#include <cstring>
#include <string_view>

#include "../core/scan.h"
#include "seed.h"

namespace {

using namespace mcpo;
using Words = std::vector<std::int32_t>;

constexpr std::int32_t kLimit = 1 << 16;
// More words than the records of one byte can take.
constexpr std::size_t kWordsPerByte = 16;

// On the heap and of this size, so that the sanitizer sees the first byte read beyond it.
std::int32_t Feed(scan::State& state, std::string_view text, Words& records) {
  const std::vector<std::uint8_t> chunk(text.begin(), text.end());
  return scan::ScanChunk({chunk.data(), chunk.size()}, 0, state, {records.data(), records.size()});
}

// As if nothing had been cut: starts are counted from the chunk.
Words RecordsOf(std::string_view text, std::size_t cut) {
  scan::State state{};
  state.limit = kLimit;
  Words records(kWordsPerByte * (text.size() + scan::kMaxRecordWords));
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

void Cut(std::string_view text, std::uint8_t place) {
  const std::size_t cut = text.empty() ? 0 : place % text.size();
  fuzz::Demand(RecordsOf(text, 0) == RecordsOf(text, cut), "a cut changes nothing");
}

void InAnyState(const std::uint8_t* data, std::size_t size) {
  scan::State state;
  if (size < sizeof(state)) return;
  std::memcpy(&state, data, sizeof(state));
  Words records(64);
  Feed(state, {reinterpret_cast<const char*>(data) + sizeof(state), size - sizeof(state)}, records);
}

void WriteText(const char* name, std::string_view text) {
  std::vector<std::uint8_t> bytes{1, 7};
  bytes.insert(bytes.end(), text.begin(), text.end());
  fuzz::WriteSeed(name, bytes);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  WriteText(
      "call",
      "{\"jsonrpc\":\"2.0\",\"i\\u0064\":-10,\"method\":\"tools/call\",\"params\":{\"name\":\"a\\\"b\"}}\n");
  WriteText("result",
            "{\"id\":1,\"result\":\"\xc3\xa9\xf0\x9f\x98\x80\"} \r\n[1.5e-3,true,false,null,[],{}]\n");
  WriteText("odd", "{\"id\":1,\"id\":2}\nnope\n{\"a\":\"\xed\xa0\x80\"}\n{\"id\":\"7\",\"error\":{}}\n");
  std::vector<std::uint8_t> state(1 + sizeof(scan::State) + 8);
  fuzz::WriteSeed("state", state);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  if (data[0] % 2 == 0)
    InAnyState(data + 1, size - 1);
  else
    Cut({reinterpret_cast<const char*>(data) + 2, size - 2}, data[1]);
  return 0;
}
