#include <sys/socket.h>

#include <cerrno>

#include "../core/backend.h"
#include "fd.h"
#include "syscalls.h"

namespace mcpo {

// Sockets and not pipes: a server that reopens /proc/self/fd/1 gets ENXIO instead of the gateway's end of it,
// and libuv reads them without a thread.
Failure MakeStdioPairs(StdioPairs& pairs) {
  Fd child[3];
  Fd parent[3];
  for (int index = 0; index < 3; ++index) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return {"socketpair", errno};
    child[index] = Fd(ends[0]);
    parent[index] = Fd(ends[1]);
    if (fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) return {"fcntl", errno};
  }
  for (int index = 0; index < 3; ++index) {
    pairs.child[index] = child[index].Release();
    pairs.parent[index] = parent[index].Release();
  }
  return {};
}

void Abandon(const StdioPairs& pairs) {
  for (const int fd : pairs.child) close(fd);
  for (const int fd : pairs.parent) close(fd);
}

}  // namespace mcpo
