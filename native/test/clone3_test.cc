#include "../linux/clone3.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "harness.h"

namespace mcpo {
namespace {

constexpr std::size_t kStackBytes = 64u << 10;
alignas(16) char stack[kStackBytes];

CloneArguments OnOwnStack(std::uint64_t flags) {
  CloneArguments arguments;
  arguments.flags = flags | CLONE_VM | CLONE_VFORK;
  arguments.exitSignal = SIGCHLD;
  arguments.stack = reinterpret_cast<std::uintptr_t>(stack);
  arguments.stackBytes = sizeof stack;
  return arguments;
}

struct Seen {
  volatile int pid = 0;
  volatile bool onStack = false;
};

// Among the parent's memory, but not its stack.
int Look(void* argument) {
  Seen& seen = *static_cast<Seen*>(argument);
  char here = 0;
  seen.pid = static_cast<int>(getpid());
  seen.onStack = &here >= stack && &here < stack + sizeof stack;
  return 7;
}

int ExitOf(int pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST("a child of clone3 runs on the stack it was given and exits with what its function returns") {
  Seen seen;
  const int pid = Clone3(OnOwnStack(0), Look, &seen);
  CHECK(pid > 0);
  CHECK(seen.pid == pid);
  CHECK(seen.onStack);
  CHECK(ExitOf(pid) == 7);
}

TEST("clone3 into something that is no control group starts nothing and says so") {
  const int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  CloneArguments arguments = OnOwnStack(kCloneIntoCgroup);
  arguments.cgroup = static_cast<std::uint64_t>(fd);
  Seen seen;
  CHECK(Clone3(arguments, Look, &seen) == -1);
  CHECK(errno == EBADF);
  CHECK(seen.pid == 0);
  close(fd);
}

}  // namespace
}  // namespace mcpo
