#include "routes.h"

#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cerrno>

#include "../fd.h"
#include "report.h"

namespace mcpo {
namespace {

const char* const kStep = "egress";
// Of the loopback device, in every network namespace.
constexpr int kLoopbackIndex = 1;
// None of those that the kernel has by itself (253 to 255).
constexpr unsigned char kTable = 100;

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
  if (length >= sizeof address) FailWith(kStep, EINVAL, text);
  memcpy(address, text, length);
  if (inet_pton(AF_INET, address, range.address) == 1) {
    range.family = AF_INET;
  } else if (inet_pton(AF_INET6, address, range.address) == 1) {
    range.family = AF_INET6;
  } else {
    FailWith(kStep, EINVAL, text);
  }
  range.bits = static_cast<unsigned char>(strtoul(slash + 1, nullptr, 10));
  return range;
}

// `Body` is rtmsg or fib_rule_hdr.
template <typename Body>
struct Request {
  nlmsghdr header;
  Body body;
  char attributes[96];
};

template <typename Body>
Request<Body> NewRequest(unsigned short type) {
  Request<Body> request{};
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.body);
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK;
  return request;
}

template <typename Body>
void AddAttribute(Request<Body>& request, unsigned short type, const void* data, unsigned short bytes) {
  auto* attribute =
      reinterpret_cast<rtattr*>(reinterpret_cast<char*>(&request) + NLMSG_ALIGN(request.header.nlmsg_len));
  attribute->rta_type = type;
  attribute->rta_len = static_cast<unsigned short>(RTA_LENGTH(bytes));
  memcpy(RTA_DATA(attribute), data, bytes);
  request.header.nlmsg_len = NLMSG_ALIGN(request.header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

Request<rtmsg> LocalRoute(const Range& range, unsigned char table) {
  auto request = NewRequest<rtmsg>(RTM_NEWROUTE);
  request.body.rtm_family = range.family;
  request.body.rtm_dst_len = range.bits;
  request.body.rtm_table = table;
  request.body.rtm_protocol = RTPROT_STATIC;
  request.body.rtm_scope = RT_SCOPE_HOST;
  request.body.rtm_type = RTN_LOCAL;
  if (range.bits > 0) AddAttribute(request, RTA_DST, range.address, range.bytes());
  AddAttribute(request, RTA_OIF, &kLoopbackIndex, sizeof kLoopbackIndex);
  return request;
}

Request<fib_rule_hdr> RuleForPort(unsigned char family, std::uint16_t port) {
  auto request = NewRequest<fib_rule_hdr>(RTM_NEWRULE);
  request.body.family = family;
  request.body.table = kTable;
  request.body.action = FR_ACT_TO_TBL;
  const std::uint8_t protocol = IPPROTO_TCP;
  AddAttribute(request, FRA_IP_PROTO, &protocol, sizeof protocol);
  const fib_rule_port_range only{port, port};
  AddAttribute(request, FRA_DPORT_RANGE, &only, sizeof only);
  return request;
}

// 0, or an errno.
template <typename Body>
int Ask(const Request<Body>& request, const char* range) {
  const Fd kernel(Require(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), kStep, range));
  Require(static_cast<int>(send(kernel.get(), &request, request.header.nlmsg_len, 0)), kStep, range);
  alignas(nlmsghdr) char answer[512];
  const ssize_t got = recv(kernel.get(), answer, sizeof answer, 0);
  if (got < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr)))) FailWith(kStep, EIO, range);
  return -static_cast<const nlmsgerr*>(NLMSG_DATA(answer))->error;
}

}  // namespace

void MakeAddressesOwn(const char* range) {
  const int error = Ask(LocalRoute(ParseRange(range), RT_TABLE_LOCAL), range);
  // A range that is the namespace's own already, or stands there twice.
  if (error != 0 && error != EEXIST) FailWith(kStep, error, range);
}

bool IsEverything(const char* range) {
  return ParseRange(range).bits == 0;
}

void CatchConnections(const char* range, const List<std::uint32_t>& ports) {
  const Range all = ParseRange(range);
  auto route = LocalRoute(all, kTable);
  // From an address that is the namespace's own, so that the answer finds its way back.
  const in_addr source{htonl(INADDR_LOOPBACK)};
  if (all.family == AF_INET) AddAttribute(route, RTA_PREFSRC, &source, sizeof source);
  int error = Ask(route, range);
  for (const std::uint32_t port : ports) {
    if (error == 0) error = Ask(RuleForPort(all.family, static_cast<std::uint16_t>(port)), range);
  }
  if (error == 0) return;
  errno = error;
  Note("addresses without a name are reached through the HTTP proxy only", range);
}

}  // namespace mcpo
