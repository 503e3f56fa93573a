#include "network.h"

#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "../fd.h"
#include "report.h"

namespace mcpo {

void BringLoopbackUp() {
  const Fd socketFd(Require(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "loopback"));
  ifreq request{};
  strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  Require(ioctl(socketFd.get(), SIOCGIFFLAGS, &request), "loopback");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  Require(ioctl(socketFd.get(), SIOCSIFFLAGS, &request), "loopback");
}

}  // namespace mcpo
