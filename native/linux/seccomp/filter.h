// The seccomp programs of the sandbox: what the server may call, and what its pid 1 may call.
#pragma once

#include <linux/filter.h>

#include <string>
#include <vector>

#include "../../core/refusals.h"

namespace mcpo::seccomp {

// The server's filter for the architecture of this build: an allow-list with argument rules. A call that is
// not on it gets ENOSYS, a dangerous one by name EPERM, a foreign architecture or the x32 ABI ends the
// process with SIGSYS. `refusals`: who hears of the EPERM class. Compiled once, on first use; at most 4096
// instructions.
const std::vector<sock_filter>& ServerFilter(Refusals refusals);

// The filter of the sandbox's pid 1, which only waits, polls, passes signals on, writes status records and
// ends; all else gets ENOSYS.
const std::vector<sock_filter>& InitFilter(bool watches);

// The server's filter for people: what each system call gets, found by running the program, and its listing.
std::string Explain();

}  // namespace mcpo::seccomp
