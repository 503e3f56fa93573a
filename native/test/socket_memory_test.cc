// Answers of sock_diag(7), whole and not.
#include "../linux/launch/socket_memory.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#include <cstring>
#include <initializer_list>
#include <vector>

#include "harness.h"

namespace {

using namespace mcpo;

constexpr std::size_t kHeadBytes = 16;
constexpr int kWanted = 5;

void Append(std::vector<char>& bytes, const void* data, std::size_t size) {
  const char* from = static_cast<const char*>(data);
  bytes.insert(bytes.end(), from, from + size);
  bytes.resize(NLMSG_ALIGN(bytes.size()));
}

// A socket with an attribute that is of no interest, and one that is.
std::vector<char> SocketOf(std::uint32_t received, std::uint32_t sent) {
  std::vector<char> body(kHeadBytes);
  const rtattr other{sizeof(rtattr) + 4, 1};
  Append(body, &other, sizeof other);
  Append(body, "abc", 4);
  std::uint32_t memory[SK_MEMINFO_VARS] = {};
  memory[SK_MEMINFO_RMEM_ALLOC] = received;
  memory[SK_MEMINFO_WMEM_ALLOC] = sent;
  memory[SK_MEMINFO_SNDBUF] = 7777;
  const rtattr wanted{sizeof(rtattr) + sizeof memory, kWanted};
  Append(body, &wanted, sizeof wanted);
  Append(body, memory, sizeof memory);
  std::vector<char> message;
  const nlmsghdr header{static_cast<std::uint32_t>(sizeof(nlmsghdr) + body.size()), SOCK_DIAG_BY_FAMILY, 0, 0,
                        0};
  Append(message, &header, sizeof header);
  Append(message, body.data(), body.size());
  return message;
}

std::vector<char> Two() {
  std::vector<char> both = SocketOf(1000, 200);
  const std::vector<char> second = SocketOf(30, 4);
  both.insert(both.end(), second.begin(), second.end());
  return both;
}

}  // namespace

TEST("socket memory: what all sockets of an answer hold is added up") {
  std::vector<char> messages = Two();
  SocketAnswer answer = ReadSocketAnswer(messages.data(), messages.size(), kHeadBytes, kWanted);
  CHECK(answer.bytes == 1234 && !answer.isLast);
  const nlmsghdr done{sizeof(nlmsghdr), NLMSG_DONE, 0, 0, 0};
  Append(messages, &done, sizeof done);
  answer = ReadSocketAnswer(messages.data(), messages.size(), kHeadBytes, kWanted);
  CHECK(answer.bytes == 1234 && answer.isLast);
}

TEST("socket memory: an answer cut short anywhere is read to where it ends") {
  const std::vector<char> whole = Two();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // On the heap and of this size, so that a sanitizer sees the first byte read beyond it.
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const SocketAnswer answer = ReadSocketAnswer(cut.data(), cut.size(), kHeadBytes, kWanted);
    CHECK(answer.bytes == (size < whole.size() / 2 ? 0 : 1200));
  }
}

TEST("socket memory: lengths that lie are believed nowhere") {
  for (const std::uint16_t length : std::initializer_list<std::uint16_t>{0, 3, 200, 65535}) {
    std::vector<char> message = SocketOf(1000, 200);
    std::memcpy(message.data() + sizeof(nlmsghdr) + kHeadBytes, &length, sizeof length);
    CHECK(ReadSocketAnswer(message.data(), message.size(), kHeadBytes, kWanted).bytes == 0);
  }
  std::vector<char> message = SocketOf(1000, 200);
  const std::uint32_t beyond = static_cast<std::uint32_t>(message.size()) + 4;
  std::memcpy(message.data(), &beyond, sizeof beyond);
  const SocketAnswer answer = ReadSocketAnswer(message.data(), message.size(), kHeadBytes, kWanted);
  CHECK(answer.bytes == 0 && answer.isLast);
}
