#include "network.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "../fd.h"
#include "report.h"

namespace mcpo {

bool RaiseLoopback() {
  const Fd socketFd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ifreq request{};
  strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  if (!socketFd || ioctl(socketFd.get(), SIOCGIFFLAGS, &request) != 0) return false;
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  return ioctl(socketFd.get(), SIOCSIFFLAGS, &request) == 0;
}

void BringLoopbackUp() {
  if (!RaiseLoopback()) Fail("loopback");
}

// The address is one of documentation (RFC 5737).
long ReachOut() {
  const Fd datagram(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!datagram) return -1;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(9);
  address.sin_addr.s_addr = htonl(0xc0000201);
  return connect(datagram.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
}

}  // namespace mcpo
