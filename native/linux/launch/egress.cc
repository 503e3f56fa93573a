#include "egress.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "report.h"
#include "routes.h"
#include "tell.h"

namespace mcpo {
namespace {

constexpr std::uint16_t kNamePort = 53;
constexpr std::uint16_t kHttpPort = 3128;
constexpr std::uint16_t kSocksPort = 1080;
constexpr int kBacklog = 512;

const char* const kStep = "egress";

int OnLoopback(int type, std::uint16_t port, const char* detail) {
  const int fd = Require(socket(AF_INET, type | SOCK_CLOEXEC, 0), kStep, detail);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Require(bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), kStep, detail);
  if (type == SOCK_STREAM) Require(listen(fd, kBacklog), kStep, detail);
  return fd;
}

// Both families by one socket; a kernel without IPv6 has the one only.
int OnAllAddresses(std::uint16_t port) {
  const int six = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (six < 0 && errno == EAFNOSUPPORT) {
    const int four = Require(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), kStep, "port");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    const int transparent = 1;
    Require(setsockopt(four, IPPROTO_IP, IP_TRANSPARENT, &transparent, sizeof transparent), kStep, "port");
    Require(bind(four, reinterpret_cast<sockaddr*>(&address), sizeof address), kStep, "port");
    return four;
  }
  Require(six, kStep, "port");
  const int both = 0;
  Require(setsockopt(six, IPPROTO_IPV6, IPV6_V6ONLY, &both, sizeof both), kStep, "port");
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  // The connection may be to any address, whose own this namespace is not.
  const int transparent = 1;
  Require(setsockopt(six, IPPROTO_IPV6, IPV6_TRANSPARENT, &transparent, sizeof transparent), kStep, "port");
  Require(bind(six, reinterpret_cast<sockaddr*>(&address), sizeof address), kStep, "port");
  return six;
}

}  // namespace

void OpenEgress(const EgressPlan& egress) {
  for (const Text& route : egress.routes) {
    if (IsEverything(route.data))
      CatchConnections(route.data, egress.ports);
    else
      MakeAddressesOwn(route.data);
  }
  int sockets[told::kMaxDescriptors];
  std::size_t count = 0;
  sockets[count++] = OnLoopback(SOCK_DGRAM, kNamePort, "names");
  sockets[count++] = OnLoopback(SOCK_STREAM, kHttpPort, "http proxy");
  sockets[count++] = OnLoopback(SOCK_STREAM, kSocksPort, "socks proxy");
  for (const std::uint32_t port : egress.ports) {
    const int fd = OnAllAddresses(static_cast<std::uint16_t>(port));
    Require(listen(fd, kBacklog), kStep, "port");
    sockets[count++] = fd;
  }
  SendToGateway(told::Message::kEgress, sockets, count, kStep);
  for (std::size_t index = 0; index < count; ++index) close(sockets[index]);
}

}  // namespace mcpo
