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

void BringLoopbackUp() {
  const Fd socketFd(Require(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "loopback"));
  ifreq request{};
  strncpy(request.ifr_name, "lo", sizeof request.ifr_name - 1);
  Require(ioctl(socketFd.get(), SIOCGIFFLAGS, &request), "loopback");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  Require(ioctl(socketFd.get(), SIOCSIFFLAGS, &request), "loopback");
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
