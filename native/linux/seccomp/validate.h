// The checks that the kernel makes before it installs a filter, made early, and stricter: only what Compile
// writes.
#pragma once

#include <linux/filter.h>

#include <span>
#include <string>

namespace mcpo::seccomp {

// At most this many instructions (BPF_MAXINSNS).
inline constexpr size_t kMaxInstructions = 4096;

// Empty when the program is sound: every jump forward and inside, every load inside seccomp_data and aligned,
// every path ending in a return. Otherwise what is wrong and where.
std::string Validate(std::span<const sock_filter> program);

}  // namespace mcpo::seccomp
