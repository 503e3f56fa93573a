#include "descriptors.h"

#include <string.h>
#include <sys/socket.h>

#include <cerrno>

namespace mcpo {
namespace {

constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(int) * kMaxPassed);

}  // namespace

bool PassDescriptors(int socket, char byte, const int* descriptors, std::size_t count) {
  if (count > kMaxPassed) {
    errno = E2BIG;
    return false;
  }
  iovec data{&byte, 1};
  alignas(cmsghdr) char control[kControlBytes] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * count);
  if (count > 0) memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
  return sendmsg(socket, &message, MSG_NOSIGNAL) == 1;
}

bool IsFromClosedEnd(int error) {
  // The second where it left something unread.
  return error == EPIPE || error == ECONNRESET;
}

int TakePassed(int socket, Passed& passed, int flags) {
  iovec data{&passed.byte, 1};
  alignas(cmsghdr) char control[kControlBytes] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const int got = static_cast<int>(recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC));
  passed.count = 0;
  if (got <= 0) return got;
  const cmsghdr* const header = CMSG_FIRSTHDR(&message);
  if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) return got;
  passed.count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
  memcpy(passed.descriptors, CMSG_DATA(header), sizeof(int) * passed.count);
  return got;
}

}  // namespace mcpo
