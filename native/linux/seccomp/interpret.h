// Runs a filter as the kernel would, for tests and for Explain.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>

#include <span>

#include "policy.h"

namespace mcpo::seccomp {

struct Outcome {
  Verdict verdict;
  bool looked_at_arguments;  // if not, the kernel answers this number from a bitmap (5.11)
};

// The program must pass Validate. Ends within program.size() steps, for jumps go forward only.
Outcome Interpret(std::span<const sock_filter> program, const seccomp_data& call);

}  // namespace mcpo::seccomp
