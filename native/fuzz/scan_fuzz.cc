// Bytes of a stranger: the same records wherever they are cut, and no step outside whatever state they are
// scanned in.
#include <bit>
#include <cstring>
#include <string_view>

#include "../core/scan.h"
#include "../test/scan_cut.h"
#include "seed.h"

namespace {

using namespace mcpo;
using test::Feed;
using test::Words;

constexpr std::int32_t kLimit = 1 << 16;
// More words than the records of one byte can take.
constexpr std::size_t kWordsPerByte = 16;

Words RecordsOf(std::string_view text, std::size_t cut) {
  scan::State state{};
  state.limit = kLimit;
  return test::RecordsOf(text, cut, state, kWordsPerByte * (text.size() + scan::kMaxRecordWords));
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
