// What is told of refused calls, and when.
#include "../linux/told/tallies.h"

#include <string>
#include <vector>

#include "harness.h"

namespace {

using namespace mcpo::told;

Call CallOf(int number) {
  Call call = {};
  call.data.nr = number;
  return call;
}

struct Listener {
  std::vector<std::string> heard;
  bool works = true;

  Tallies::Tell tell() {
    return [this](const Call& call, std::uint64_t count) {
      if (works) heard.push_back(std::to_string(call.data.nr) + "x" + std::to_string(count));
      return works;
    };
  }
};

}  // namespace

TEST("told: the first of each call at once, what follows as a count ten seconds later") {
  Tallies tallies;
  Listener listener;
  tallies.Add(CallOf(1), 100, listener.tell());
  tallies.Add(CallOf(2), 100, listener.tell());
  for (int times = 0; times < 1000; ++times) tallies.Add(CallOf(1), 200, listener.tell());
  CHECK(listener.heard == (std::vector<std::string>{"1x1", "2x1"}));
  CHECK(tallies.NextDue() == 100 + Tallies::kEach);
  tallies.TellDue(99 + Tallies::kEach, false, listener.tell());
  CHECK(listener.heard.size() == 2);
  tallies.TellDue(100 + Tallies::kEach, false, listener.tell());
  CHECK(listener.heard.back() == "1x1000" && listener.heard.size() == 3);
  CHECK(tallies.NextDue() == -1);
}

TEST("told: after ten quiet seconds a call is told at once again") {
  Tallies tallies;
  Listener listener;
  tallies.Add(CallOf(1), 0, listener.tell());
  tallies.Add(CallOf(1), Tallies::kEach, listener.tell());
  CHECK(listener.heard == (std::vector<std::string>{"1x1", "1x1"}));
}

TEST("told: at the end what is left is told") {
  Tallies tallies;
  Listener listener;
  for (int times = 0; times < 3; ++times) tallies.Add(CallOf(1), 0, listener.tell());
  tallies.TellDue(1, true, listener.tell());
  CHECK(listener.heard == (std::vector<std::string>{"1x1", "1x2"}));
}

TEST("told: a count that could not be told is kept") {
  Tallies tallies;
  Listener listener;
  listener.works = false;
  tallies.Add(CallOf(1), 0, listener.tell());
  tallies.Add(CallOf(1), 1, listener.tell());
  listener.works = true;
  tallies.TellDue(Tallies::kEach, false, listener.tell());
  CHECK(listener.heard == std::vector<std::string>{"1x2"});
}

TEST("told: calls of more numbers than there are take no more room") {
  Tallies tallies;
  Listener listener;
  for (int number = 0; number < 10'000; ++number) tallies.Add(CallOf(number), 0, listener.tell());
  CHECK(listener.heard.size() == Tallies::kMostCalls);
}
