#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "../core/backend.h"
#include "fd.h"

namespace mcpo {
namespace {

// Fewer and larger reads of what a server writes. A user's share of pipe memory may be used up: then it stays
// at 64 KiB.
constexpr int kOutputBytes = 256 << 10;

Failure MakePipe(int index, const std::uint32_t* owner, Fd& child, Fd& parent) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return {"pipe", errno};
  const bool isInput = index == 0;
  child = Fd(ends[isInput ? 0 : 1]);
  parent = Fd(ends[isInput ? 1 : 0]);
  if (fcntl(parent.get(), F_SETFL, O_NONBLOCK) != 0) return {"fcntl", errno};
  // A server may open /dev/stdout by name, which only the pipe's owner can.
  if (owner != nullptr && fchown(child.get(), *owner, *owner) != 0) return {"fchown", errno};
  if (!isInput) fcntl(child.get(), F_SETPIPE_SZ, kOutputBytes);
  return {};
}

}  // namespace

// Pipes and not sockets: a socket stays in the network namespace that it was made in, and would tell a server
// the host's interfaces and addresses, and who the gateway is.
Failure MakeStdioPipes(const std::uint32_t* owner, StdioPipes& pipes) {
  Fd child[3];
  Fd parent[3];
  for (int index = 0; index < 3; ++index) {
    if (const Failure failure = MakePipe(index, owner, child[index], parent[index])) return failure;
  }
  for (int index = 0; index < 3; ++index) {
    pipes.child[index] = child[index].Release();
    pipes.parent[index] = parent[index].Release();
  }
  return {};
}

void Abandon(const StdioPipes& pipes) {
  for (const int fd : pipes.child) close(fd);
  for (const int fd : pipes.parent) close(fd);
}

}  // namespace mcpo
