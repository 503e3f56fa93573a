// What each of the launcher's three processes (outer, pid 1, payload) does first.
#pragma once

namespace mcpo {

// Every descriptor but 0 to 5 closed, default signal actions, nothing blocked, own session, umask 0, in /.
void StartClean();

// The kernel kills this process when the one that started it ends. A change of ids takes this back: call it
// again.
void DieWithParent();

// Default actions for all signals (ignored ones survive an exec, and Node ignores SIGPIPE), none blocked.
void ResetSignals();

// For who has its own way of being told to end. Ignored ones survive an exec.
void IgnoreEndingSignals();

// Others with the same uid may neither trace this process nor read what is in /proc about it.
void HideFromPeers();

}  // namespace mcpo
