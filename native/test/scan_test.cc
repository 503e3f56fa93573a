// The scanner alone: resumable at every byte, and safe against a state that no scanner would leave behind.
#include "../core/scan.h"

#include <bit>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "harness.h"
#include "scan_cut.h"

namespace {

using namespace mcpo;
using test::Feed;
using test::Words;

constexpr std::int32_t kLimit = 1 << 20;

scan::State NewState() {
  scan::State state{};
  state.limit = kLimit;
  return state;
}

Words RecordsOf(std::string_view text, std::size_t cut) {
  return test::RecordsOf(text, cut, NewState(), 4096);
}

constexpr std::string_view kTricky[] = {
    "{\"jsonrpc\":\"2.0\",\"i\\u0064\":-10,\"method\":\"tools/"
    "call\",\"params\":{\"name\":\"a\\\"b\",\"_meta\":{"
    "\"io.modelcontextprotocol/protocolVersion\":\"x\"}}}\n",
    "{\"id\":1,\"result\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"} \r\n  \n[1.5e-3,true,false,null,[],{}]\n",
    "{\"id\":1,\"id\":2}\n{\"id\":1.0,\"result\":0}\nnope\n{\"a\":\"\xed\xa0\x80\"}\n{\"id\":\"7\",\"error\":"
    "{}}\n",
};

}  // namespace

TEST("a message cut at any byte gives the same records") {
  for (const std::string_view text : kTricky) {
    const Words whole = RecordsOf(text, 0);
    CHECK(!whole.empty());
    for (std::size_t cut = 1; cut <= text.size(); ++cut) CHECK(RecordsOf(text, cut) == whole);
  }
}

TEST("no prefix of a message reads beyond its end") {
  for (const std::string_view text : kTricky) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      scan::State state = NewState();
      Words records(scan::kMaxRecordWords * 8);
      CHECK(Feed(state, text.substr(0, size), records) >= 0);
    }
  }
}

TEST("records are never written beyond their array") {
  scan::State state = NewState();
  Words records(scan::kMaxRecordWords - 1);
  CHECK(Feed(state, "{}\n{}\n", records) == 0);
  CHECK(state.position == 0);
  records.resize(scan::kMaxRecordWords);
  CHECK(Feed(state, "{}\n{}\n", records) == 1);
  CHECK(state.position == 3);
}

TEST("a state with any one word out of range is refused or harmless") {
  const std::int32_t values[] = {-1, 1, 2, 3, 9, 31, 160, 1024, 1025, 1 << 30, INT32_MAX, INT32_MIN};
  for (std::size_t word = 0; word < scan::kStateWords; ++word) {
    for (const std::int32_t value : values) {
      scan::State state = NewState();
      Words records(4096);
      Feed(state, "{\"id\":1,\"params\":{\"_meta\":{\"progressTok", records);
      std::memcpy(reinterpret_cast<char*>(&state) + word * sizeof value, &value, sizeof value);
      Feed(state, "en\":[[true,\"\\u00e9\xc3\xa9\"]]}}}\n", records);
    }
  }
  CHECK(true);
}
