#pragma once

#include <string_view>

namespace mcpo::told {

struct Reason {
  std::string_view name;  // of the call; "?" for a number that is none
  std::string_view why;   // as the policy has it
};

// What the policy says about a refused call of this machine.
Reason ReasonOf(int number);

}  // namespace mcpo::told
