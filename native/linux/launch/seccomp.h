#pragma once

#include "../../core/plan.h"

namespace mcpo {

// From here on, and for every child, the kernel answers only what `filter` allows. Needs no_new_privs.
void InstallFilter(const List<FilterInstruction>& filter);

// The same; and where the filter tells of refusals, its listener goes to the gateway (kTellFd), and nowhere
// else. Where the kernel gives no listener the refusals are answered untold, and a note says so.
void InstallServerFilter(const List<FilterInstruction>& filter);

// A system call that the installed filter refuses, where it does, without asking the gateway's thread: each
// question to it costs two changes of process. As syscall(2).
long UnheardCall(long number, long first = 0, long second = 0, long third = 0, long fourth = 0,
                 long fifth = 0);

}  // namespace mcpo
