// What is read from proc(5), where a process chooses its own name.
#include "../linux/launch/process_facts.h"

#include <string>

#include "harness.h"

namespace {

using namespace mcpo;

std::string StatOf(const std::string& name) {
  return "17 (" + name + ") S 1 17 17 0 -1 4194560 100 200 0 0 11 22 33 44 20 0 1 0 500 1000 10\n";
}

}  // namespace

TEST("process facts: times are found behind whatever name there is") {
  for (const char* name : {"cat", "a b", "x) R 1 2 3 4 5 6 7 8 9 10 11 12 13", "))) (", ""}) {
    CpuTicks ticks;
    CHECK_THAT(ReadCpuTicks(StatOf(name).c_str(), ticks), name);
    CHECK_THAT(ticks.own == 33 && ticks.waitedFor == 77, name);
  }
}

TEST("process facts: a text cut short has no times") {
  const std::string whole = StatOf("cat");
  CpuTicks ticks;
  for (std::size_t size = 0; size < whole.find(" 44"); ++size) {
    CHECK(!ReadCpuTicks(whole.substr(0, size).c_str(), ticks));
  }
}

TEST("process facts: a line is found by its whole name at its start") {
  const char* status = "Name:\tRssAnon: 1 kB\nRssAnonymous:\t 5 kB\nRssAnon:\t   123 kB\nRssShmem:\t 7 kB\n";
  std::int64_t kb = 0;
  CHECK(ReadKb(status, "RssAnon", kb) && kb == 123);
  CHECK(ReadKb(status, "RssShmem", kb) && kb == 7);
  CHECK(!ReadKb(status, "Rss", kb));
  CHECK(!ReadKb("", "RssAnon", kb));
}
