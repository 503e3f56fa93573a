// Starting mcpo-launch from a process of many threads and a large heap. A fork would copy the page tables (34
// ms at 400 MiB) and put the gateway's memory into the child; this borrows the parent's memory until the
// exec, as vfork does.
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <memory>
#include <vector>

#include "../core/backend.h"
#include "clone3.h"
#include "fd.h"
#include "filters.h"
#include "launch_fds.h"
#include "plan_file.h"
#include "syscalls.h"

namespace mcpo {
namespace {

constexpr std::size_t kStackBytes = 64u << 10;
constexpr int kTargets = kStepFd + 1;
// Above every target, so that no dup3 below overwrites a descriptor that is still to be moved.
constexpr int kParking = 64;

// What the child reads and, on failure, writes: it shares the parent's memory.
struct Errand {
  const char* launcher;
  int descriptors[kTargets];
  const char* stage;
  int error;
};

int Give(Errand& errand, const char* stage) {
  errand.stage = stage;
  errand.error = errno;
  return 127;
}

// Runs on its own stack in the parent's memory, with all signals blocked: only system calls, no allocation.
int RunChild(void* argument) {
  Errand& errand = *static_cast<Errand*>(argument);
  for (int& fd : errand.descriptors) {
    fd = fcntl(fd, F_DUPFD_CLOEXEC, kParking);
    if (fd < 0) return Give(errand, "dup");
  }
  for (int target = 0; target < kTargets; ++target) {
    if (dup3(errand.descriptors[target], target, 0) < 0) return Give(errand, "dup");
  }
  if (sys::CloseRange(kTargets, 0) != 0) return Give(errand, "close_range");
  char name[] = "mcpo-launch";
  char* const argv[] = {name, nullptr};
  char* const environment[] = {nullptr};
  execve(errand.launcher, argv, environment);
  return Give(errand, "exec-launcher");
}

// A handler of the parent must not run in the child, on its memory.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

constexpr int kCloneFlags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD;

// The group's limits hold from the first instruction of the child.
int CloneIntoGroup(char* stack, Errand& errand, int cgroup, int& pidfd) {
  CloneArguments arguments;
  arguments.flags = kCloneFlags | kCloneIntoCgroup;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.exitSignal = SIGCHLD;
  arguments.stack = reinterpret_cast<std::uintptr_t>(stack);
  arguments.stackBytes = kStackBytes;
  arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  return Clone3(arguments, RunChild, &errand);
}

Failure CloneAndExec(Errand& errand, int cgroup, Child& child) {
  const std::unique_ptr<char[]> stack(new char[kStackBytes]);
  const SignalsBlocked blocked;
  int pidfd = -1;
  const bool isGrouped = cgroup >= 0;
  const int pid = isGrouped
                      ? CloneIntoGroup(stack.get(), errand, cgroup, pidfd)
                      : clone(RunChild, stack.get() + kStackBytes, kCloneFlags | SIGCHLD, &errand, &pidfd);
  if (pid < 0) return {isGrouped ? "cgroup-clone" : "clone", errno};
  if (errand.stage != nullptr) {
    waitpid(pid, nullptr, 0);
    close(pidfd);
    return {errand.stage, errand.error};
  }
  child.pid = pid;
  child.pidfd = pidfd;
  return {};
}

struct Pipe {
  Fd read;
  Fd write;
};

Failure MakePipe(Pipe& made) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {"pipe", errno};
  made.read = Fd(ends[0]);
  made.write = Fd(ends[1]);
  return {};
}

// Sequenced packets: the end of file on the last copy's close, and no half messages.
Failure MakeSocketPair(Fd& ours, Fd& theirs) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) return {"socketpair", errno};
  ours = Fd(ends[0]);
  theirs = Fd(ends[1]);
  if (fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0) return {"fcntl", errno};
  return {};
}

void AddFilters(Plan& plan, Refusals refusals, std::vector<FilterInstruction>& server,
                std::vector<FilterInstruction>& init) {
  server = ServerFilter(ProbeHost().userNotification ? refusals : Refusals::kAnswered);
  init = InitFilter(plan.watch.cpuPercent != 0 || plan.watch.memoryMb != 0);
  plan.serverFilter = {server.data(), static_cast<std::uint32_t>(server.size())};
  plan.initFilter = {init.data(), static_cast<std::uint32_t>(init.size())};
}

}  // namespace

Failure Spawn(Plan plan, const SpawnOptions& options, Child& child) {
  std::vector<FilterInstruction> server;
  std::vector<FilterInstruction> init;
  AddFilters(plan, options.refusals, server, init);
  Fd planFile;
  if (const Failure failure = MakePlanFile(plan, planFile)) return failure;
  Pipe status;
  if (const Failure failure = MakePipe(status)) return failure;
  Pipe lifeline;
  if (const Failure failure = MakePipe(lifeline)) return failure;
  if (fcntl(lifeline.write.get(), F_SETFL, O_NONBLOCK) != 0) return {"fcntl", errno};
  Fd told;
  Fd tell;
  if (const Failure failure = MakeSocketPair(told, tell)) return failure;
  Fd step = MakeMemfd("mcpo-step");
  if (!step) return {"memfd_create", errno};
  const auto& [in, out, err] = options.stdio;
  Errand errand{
      options.launcher,
      {in, out, err, planFile.get(), status.write.get(), lifeline.read.get(), tell.get(), step.get()},
      nullptr,
      0};
  if (const Failure failure = CloneAndExec(errand, options.cgroup, child)) return failure;
  child.guard = fcntl(child.pidfd, F_DUPFD_CLOEXEC, 0);
  if (child.guard < 0) {
    const Failure failure{"dup", errno};
    EndAndClose(child.pidfd);
    return failure;
  }
  child.status = status.read.Release();
  child.lifeline = lifeline.write.Release();
  child.step = step.Release();
  child.told = told.Release();
  return {};
}

}  // namespace mcpo
