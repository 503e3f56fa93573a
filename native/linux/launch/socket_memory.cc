#include "socket_memory.h"

#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>

namespace mcpo {
namespace {

constexpr std::int64_t kBytesInKb = 1024;
constexpr std::uint32_t kAllStates = 0xffffffff;
// A page of answers holds some hundred sockets; more than there can be are not waited for.
constexpr int kMaxAnswers = 4096;

template <class Request>
struct Question {
  nlmsghdr header{sizeof(Question), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 0, 0};
  Request request{};
};

// What was sent and not yet received, and what was received and not yet read.
std::int64_t BytesOf(const std::uint32_t (&memory)[SK_MEMINFO_VARS]) {
  return std::int64_t{memory[SK_MEMINFO_RMEM_ALLOC]} + memory[SK_MEMINFO_BACKLOG] +
         std::max(memory[SK_MEMINFO_WMEM_ALLOC], memory[SK_MEMINFO_WMEM_QUEUED]);
}

std::int64_t BytesOfSocket(const char* attributes, std::size_t size, int wanted) {
  for (std::size_t at = 0; at + sizeof(rtattr) <= size;) {
    rtattr attribute;
    std::memcpy(&attribute, attributes + at, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > size - at) return 0;
    if (attribute.rta_type == wanted) {
      std::uint32_t memory[SK_MEMINFO_VARS] = {};
      const std::size_t told = attribute.rta_len - sizeof attribute;
      std::memcpy(memory, attributes + at + sizeof attribute, std::min(told, sizeof memory));
      return BytesOf(memory);
    }
    at += RTA_ALIGN(attribute.rta_len);
  }
  return 0;
}

}  // namespace

SocketAnswer ReadSocketAnswer(const char* messages, std::size_t size, std::size_t headBytes, int attribute) {
  SocketAnswer answer;
  const std::size_t before = sizeof(nlmsghdr) + NLMSG_ALIGN(headBytes);
  for (std::size_t at = 0; at + sizeof(nlmsghdr) <= size;) {
    nlmsghdr header;
    std::memcpy(&header, messages + at, sizeof header);
    const bool isWhole = header.nlmsg_len >= sizeof header && header.nlmsg_len <= size - at;
    answer.isLast = !isWhole || header.nlmsg_type == NLMSG_DONE || header.nlmsg_type == NLMSG_ERROR;
    if (answer.isLast) return answer;
    if (header.nlmsg_len > before)
      answer.bytes += BytesOfSocket(messages + at + before, header.nlmsg_len - before, attribute);
    at += NLMSG_ALIGN(header.nlmsg_len);
  }
  answer.isLast = size == 0;
  return answer;
}

bool SocketMemory::Open(int fd) {
  const int made = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
  if (made < 0) return false;
  if (made == fd) return true;
  const bool isPlaced = dup3(made, fd, O_CLOEXEC) >= 0;
  close(made);
  return isPlaced;
}

std::int64_t SocketMemory::Kb() {
  if (fd_ < 0) return 0;
  Question<unix_diag_req> local;
  local.request.sdiag_family = AF_UNIX;
  local.request.udiag_states = kAllStates;
  local.request.udiag_show = UDIAG_SHOW_MEMINFO;
  std::int64_t bytes = Ask(&local, sizeof local, sizeof(unix_diag_msg), UNIX_DIAG_MEMINFO);
  for (const std::uint8_t family : std::initializer_list<std::uint8_t>{AF_INET, AF_INET6}) {
    for (const std::uint8_t protocol : std::initializer_list<std::uint8_t>{IPPROTO_TCP, IPPROTO_UDP}) {
      Question<inet_diag_req_v2> internet;
      internet.request.sdiag_family = family;
      internet.request.sdiag_protocol = protocol;
      internet.request.idiag_ext = std::uint8_t{1 << (INET_DIAG_SKMEMINFO - 1)};
      internet.request.idiag_states = kAllStates;
      bytes += Ask(&internet, sizeof internet, sizeof(inet_diag_msg), INET_DIAG_SKMEMINFO);
    }
  }
  Question<netlink_diag_req> netlink;
  netlink.request.sdiag_family = AF_NETLINK;
  netlink.request.sdiag_protocol = NDIAG_PROTO_ALL;
  netlink.request.ndiag_show = NDIAG_SHOW_MEMINFO;
  bytes += Ask(&netlink, sizeof netlink, sizeof(netlink_diag_msg), NETLINK_DIAG_MEMINFO);
  return bytes / kBytesInKb;
}

// By write and read, which pid 1's filter allows in any case: without an address the kernel is meant.
std::int64_t SocketMemory::Ask(const void* question, std::size_t size, std::size_t headBytes, int attribute) {
  alignas(nlmsghdr) static char messages[64 * 1024];
  if (write(fd_, question, size) < 0) return 0;
  std::int64_t bytes = 0;
  for (int answers = 0; answers < kMaxAnswers; ++answers) {
    const ssize_t got = read(fd_, messages, sizeof messages);
    if (got <= 0) break;
    const SocketAnswer answer =
        ReadSocketAnswer(messages, static_cast<std::size_t>(got), headBytes, attribute);
    bytes += answer.bytes;
    if (answer.isLast) break;
  }
  return bytes;
}

}  // namespace mcpo
