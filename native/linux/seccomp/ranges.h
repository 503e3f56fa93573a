// A policy as runs of consecutive system call numbers with the same answer.
#pragma once

#include <vector>

#include "numbers.h"
#include "policy.h"

namespace mcpo::seccomp {

// What a number gets: a verdict, or a rule's verdict where `rule` is not null.
struct Answer {
  Verdict verdict;
  const Rule* rule = nullptr;
  friend bool operator==(const Answer&, const Answer&) = default;
};

// From `first` up to the next run's first, or to 0xffffffff.
struct Run {
  uint32_t first;
  Answer answer;
};

// Sorted, without gaps, the first run from 0; neighbours differ. The rules stay the policy's: it must outlive
// the runs.
std::vector<Run> RunsOf(const Policy& policy, Arch arch);

}  // namespace mcpo::seccomp
