// Compares a column of syscalls.def with the __NR_ macros of a kernel header.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <span>

#include "harness.h"

// The macro's value as text, or its name where the header does not have it.
#define MCPO_TEXT_(x) #x
#define MCPO_TEXT(x) MCPO_TEXT_(x)

namespace mcpo::test {

struct NumberInHeader {
  const char* name;
  int32_t ours;
  const char* header;
};

// Newer calls than the header's, which all architectures number alike, cannot be compared. `least`: fewer
// hits than this mean that the comparison itself is broken.
inline void CheckNumbers(std::span<const NumberInHeader> numbers, int least) {
  constexpr int32_t kFirstCommonNumber = 424;
  int compared = 0;
  for (const NumberInHeader& number : numbers) {
    char* end = nullptr;
    const long value = std::strtol(number.header, &end, 10);
    const bool in_header = end != number.header && *end == '\0';
    compared += in_header;
    CHECK_THAT(in_header ? number.ours == value : number.ours < 0 || number.ours >= kFirstCommonNumber,
               number.name);
  }
  CHECK(compared >= least);
}

}  // namespace mcpo::test
