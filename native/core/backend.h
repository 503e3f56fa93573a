// What every platform implements, and all that napi/ knows of it. System errors come back as data: nothing
// throws.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plan.h"
#include "refusals.h"

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
  // Refused system calls can be told (Linux 5.0; none inside a sandbox that does the same shows only when it
  // is tried).
  bool userNotification = false;
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
  // A file that holds the status record (progress) of what the launcher is at.
  int step = -1;
  // For Supervisor::Watch, which takes it.
  int told = -1;
  // From Supervisor::Watch: read end of a pipe of status records (refusal, access).
  int refusals = -1;
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

// When the file was last written, in milliseconds of the epoch; negative where there is none.
double WrittenMs(const char* path);

// All close-on-exec; the parent's ends non-blocking. `owner`: uid and gid of the pipes, null for the caller's
// own. On failure nothing stays open.
Failure MakeStdioPipes(const std::uint32_t* owner, StdioPipes& pipes);

// What a launcher is started with.
struct SpawnOptions {
  const char* launcher = nullptr;
  // The server's 0, 1, 2.
  int stdio[3] = {-1, -1, -1};
  // Descriptor of the folder of the control group that it starts in; -1: the caller's.
  int cgroup = -1;
  Refusals refusals = Refusals::kAnswered;
};

// Starts the launcher on the plan. Adds the system call filters to the plan itself; refusals are told only
// where the kernel can. Blocks until the launcher's exec is done, about 0.1 ms. On failure no process is left
// and nothing stays open.
Failure Spawn(Plan plan, const SpawnOptions& options, Child& child);

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

// Whether a process of this pid namespace has this real user id.
bool HasProcesses(std::uint32_t uid);

bool IsTerminal(int fd);

// Answers the refused system calls of all servers, on one thread, and tells of them. The answer is always
// EPERM and depends on nothing that a server says. Calls that are explained are let go on to what decides
// about them: mounts, Landlock, rights. With this object the thread ends; then such calls get ENOSYS.
class Supervisor {
 public:
  Supervisor();
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Gives the child its pipe, which ends with the last process of the server, and after Forget at the latest.
  Failure Watch(Child& child, Refusals refusals);

  // The child with this process id was reaped: tells what is left to tell.
  void Forget(int pid);

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

// The server's system call filter: as the kernel reads it, and in words.
std::vector<FilterInstruction> ServerFilter(Refusals refusals);
std::string ExplainFilter();

}  // namespace mcpo
