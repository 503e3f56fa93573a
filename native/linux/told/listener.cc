#include "listener.h"

#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mcpo::told {
namespace {

// A kernel whose structures have grown writes more than ours hold.
constexpr std::size_t kRoom = 512;

// SECCOMP_IOCTL_NOTIF_SET_FLAGS and SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, which older headers do not name.
constexpr unsigned long kSetFlags = SECCOMP_IOW(4, std::uint64_t);
constexpr unsigned long kSyncWakeUp = 1;

union CallRoom {
  Call call;
  std::byte room[kRoom];
};

union AnswerRoom {
  seccomp_notif_resp answer;
  std::byte room[kRoom];
};

// A process that was killed waits for nothing: that an answer comes too late is no error.
void Send(int listener, const Call& call, int error, unsigned flags) {
  AnswerRoom room;
  std::memset(&room, 0, sizeof room);
  room.answer.id = call.id;
  room.answer.error = -error;
  room.answer.flags = flags;
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &room);
}

}  // namespace

bool FitsKernel() {
  seccomp_notif_sizes sizes{};
  if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0u, &sizes) != 0) return false;
  return sizes.seccomp_notif <= kRoom && sizes.seccomp_notif_resp <= kRoom;
}

void TakeTurns(int listener) {
  ioctl(listener, kSetFlags, kSyncWakeUp);
}

Received Receive(int listener, Call& call) {
  CallRoom room;
  std::memset(&room, 0, sizeof room);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &room) != 0) {
    return errno == ENOENT || errno == EINTR ? Received::kNone : Received::kFailure;
  }
  call = room.call;
  return Received::kCall;
}

void Refuse(int listener, const Call& call, int error) {
  Send(listener, call, error, 0);
}

void LetGoOn(int listener, const Call& call) {
  Send(listener, call, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
}

bool IsWaiting(int listener, const Call& call) {
  return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call.id) == 0;
}

}  // namespace mcpo::told
