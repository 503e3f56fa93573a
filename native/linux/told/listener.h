// The kernel's side of user notification (seccomp_unotify(2)): one call at a time.
#pragma once

#include <linux/seccomp.h>

namespace mcpo::told {

// A call that waits for its answer. The registers are the kernel's copy: nobody changes them any more. What
// they point to is another matter.
using Call = seccomp_notif;

// Whether this kernel's structures fit into ours.
bool FitsKernel();

// Linux 6.6: asker and answerer take turns on one processor instead of waking another each time. Without it
// all is the same, and slower.
void TakeTurns(int listener);

enum class Received { kCall, kNone, kFailure };

// None: its process was killed meanwhile. Failure: there will be no more.
Received Receive(int listener, Call& call);

// The call fails with this errno.
void Refuse(int listener, const Call& call, int error);

// The kernel goes on with the call as if there were no filter. For explained calls only, which everything
// else still judges.
void LetGoOn(int listener, const Call& call);

// Whether the process still waits in this call: what was read about it by its id is about it.
bool IsWaiting(int listener, const Call& call);

}  // namespace mcpo::told
