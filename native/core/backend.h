// What every platform implements, and all that napi/ knows of it. System errors come back as data: nothing
// throws.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plan.h"

namespace mcpo {

// Where a call failed: a stable word, and errno.
struct Failure {
  const char* stage = nullptr;
  int error = 0;

  explicit operator bool() const { return stage != nullptr; }
};

// Cheap facts about this host, from system calls.
struct Probe {
  std::string kernel;
  int landlockAbi = 0;
  bool seccompFilter = false;
  bool pidfd = false;
  bool idmappedMounts = false;
};

// Three pipes, for stdin, stdout and stderr.
struct StdioPipes {
  int child[3] = {-1, -1, -1};
  int parent[3] = {-1, -1, -1};
};

struct Child {
  int pid = -1;
  int pidfd = -1;
  int status = -1;
  int lifeline = -1;
  // The addon's own second pidfd, see EndAndClose.
  int guard = -1;
};

// How a process ended: `code`, or the signal number when `signal` is not 0.
struct Ending {
  bool running = true;
  int pid = -1;
  int code = 0;
  int signal = 0;
};

Probe ProbeHost();

// All close-on-exec; the parent's ends non-blocking. `owner`: uid and gid of the pipes, null for the caller's
// own. On failure nothing stays open.
Failure MakeStdioPipes(const std::uint32_t* owner, StdioPipes& pipes);

// Starts `launcher` on the plan, with `stdio` as its 0, 1, 2, and inside the control group whose folder
// `cgroup` is a descriptor of (-1: in the caller's). Adds the system call filters to the plan itself. Blocks
// until the launcher's exec is done, about 0.1 ms. On failure no process is left and nothing stays open.
Failure Spawn(Plan plan, const char* launcher, const int (&stdio)[3], int cgroup, Child& child);

// Closes what MakeStdioPipes or Spawn handed out, when it cannot be handed on. The sandbox ends with its
// lifeline.
void Abandon(const StdioPipes& pipes);
void Abandon(const Child& child);

// Ends the launcher behind a guard, if it still runs, and closes the guard.
void EndAndClose(int guard);

// Never blocks. After an ending was returned once, the pid is free.
Failure Reap(int pidfd, Ending& ending);

Failure SendSignal(int pidfd, int signal);

// Opens a folder and locks it (flock), without waiting: EWOULDBLOCK when another's lock is in the way. The
// lock ends with the last copy of the descriptor, a killed process's included.
Failure OpenLocked(const char* folder, bool exclusive, int& fd);

// Whether systemd says that this control group is whoever's runs in it (Delegate=yes).
bool IsMarkedDelegated(const char* folder);

// The server's system call filter: as the kernel reads it, and in words.
std::vector<FilterInstruction> ServerFilter();
std::string ExplainFilter();

}  // namespace mcpo
