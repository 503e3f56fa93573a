#include "network.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>

#include "../fd.h"
#include "report.h"

namespace mcpo {
namespace {

const char* const kRouteStep = "egress";
// Of the loopback device, in every network namespace.
constexpr int kLoopbackIndex = 1;

struct Range {
  unsigned char family = AF_UNSPEC;
  unsigned char bits = 0;
  unsigned char address[16] = {};

  unsigned short bytes() const { return family == AF_INET ? 4 : 16; }
};

Range ParseRange(const char* text) {
  Range range;
  char address[INET6_ADDRSTRLEN] = "";
  const char* slash = strchr(text, '/');
  const std::size_t length = slash == nullptr ? sizeof address : static_cast<std::size_t>(slash - text);
  if (length >= sizeof address) FailWith(kRouteStep, EINVAL, text);
  memcpy(address, text, length);
  if (inet_pton(AF_INET, address, range.address) == 1) {
    range.family = AF_INET;
  } else if (inet_pton(AF_INET6, address, range.address) == 1) {
    range.family = AF_INET6;
  } else {
    FailWith(kRouteStep, EINVAL, text);
  }
  range.bits = static_cast<unsigned char>(strtoul(slash + 1, nullptr, 10));
  return range;
}

struct RouteRequest {
  nlmsghdr header;
  rtmsg route;
  char attributes[64];
};

void AddAttribute(RouteRequest& request, unsigned short type, const void* data, unsigned short bytes) {
  auto* attribute =
      reinterpret_cast<rtattr*>(reinterpret_cast<char*>(&request) + NLMSG_ALIGN(request.header.nlmsg_len));
  attribute->rta_type = type;
  attribute->rta_len = static_cast<unsigned short>(RTA_LENGTH(bytes));
  memcpy(RTA_DATA(attribute), data, bytes);
  request.header.nlmsg_len = NLMSG_ALIGN(request.header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

RouteRequest LocalRoute(const Range& range) {
  RouteRequest request{};
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.route);
  request.header.nlmsg_type = RTM_NEWROUTE;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK;
  request.route.rtm_family = range.family;
  request.route.rtm_dst_len = range.bits;
  request.route.rtm_table = RT_TABLE_LOCAL;
  request.route.rtm_protocol = RTPROT_STATIC;
  request.route.rtm_scope = RT_SCOPE_HOST;
  request.route.rtm_type = RTN_LOCAL;
  AddAttribute(request, RTA_DST, range.address, range.bytes());
  AddAttribute(request, RTA_OIF, &kLoopbackIndex, sizeof kLoopbackIndex);
  return request;
}

}  // namespace

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

void MakeAddressesOwn(const char* range) {
  const RouteRequest request = LocalRoute(ParseRange(range));
  const Fd kernel(Require(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), kRouteStep, range));
  Require(static_cast<int>(send(kernel.get(), &request, request.header.nlmsg_len, 0)), kRouteStep, range);
  alignas(nlmsghdr) char answer[512];
  const ssize_t got = recv(kernel.get(), answer, sizeof answer, 0);
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) FailWith(kRouteStep, EIO, range);
  const auto* acknowledged = static_cast<const nlmsgerr*>(NLMSG_DATA(answer));
  // A range that is the namespace's own already, or stands there twice.
  if (acknowledged->error != 0 && acknowledged->error != -EEXIST) {
    FailWith(kRouteStep, -acknowledged->error, range);
  }
}

}  // namespace mcpo
