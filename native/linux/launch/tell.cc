#include "tell.h"

#include <string.h>
#include <sys/socket.h>

#include <cerrno>

#include "../launch_fds.h"
#include "report.h"

namespace mcpo {

void SendToGateway(told::Message kind, const int* descriptors, std::size_t count, const char* step) {
  if (count > told::kMaxDescriptors) FailWith(step, E2BIG, "descriptors");
  char byte = static_cast<char>(kind);
  iovec data{&byte, 1};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int) * told::kMaxDescriptors)] = {};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * count);
  memcpy(CMSG_DATA(header), descriptors, sizeof(int) * count);
  if (sendmsg(kTellFd, &message, MSG_NOSIGNAL) != 1) Fail(step, "descriptors");
}

}  // namespace mcpo
