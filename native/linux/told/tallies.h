// How often a server was refused each system call: the first time is told at once, what follows as a count
// each ten seconds. Knows no kernel and no clock, so that it can be tested.
#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "listener.h"

namespace mcpo::told {

using Milliseconds = std::int64_t;

class Tallies {
 public:
  static constexpr Milliseconds kEach = 10'000;
  // More than a filter has numbers that it refuses.
  static constexpr std::size_t kMostCalls = 512;

  // Tells of `count` calls like `call`; false when it could not.
  using Tell = std::function<bool(const Call& call, std::uint64_t count)>;

  void Add(const Call& call, Milliseconds now, const Tell& tell);

  // What is due; at the end (`all`) what is left.
  void TellDue(Milliseconds now, bool all, const Tell& tell);

  // When something is due next; negative when nothing is.
  Milliseconds NextDue() const;

 private:
  struct Tally {
    Call call = {};  // the first since it was told
    std::uint64_t count = 0;
    Milliseconds due = 0;
  };

  std::map<int, Tally> tallies_;
};

}  // namespace mcpo::told
