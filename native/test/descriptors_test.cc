#include "../linux/descriptors.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "../linux/fd.h"
#include "harness.h"

using mcpo::Fd;
using mcpo::IsFromClosedEnd;
using mcpo::kMaxPassed;
using mcpo::PassDescriptors;
using mcpo::Passed;
using mcpo::TakePassed;

namespace {

struct Pair {
  Fd here;
  Fd there;

  Pair() {
    int ends[2] = {-1, -1};
    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
    here = Fd(ends[0]);
    there = Fd(ends[1]);
  }
};

}  // namespace

TEST("descriptors arrive with their byte, close-on-exec, and the sender's stay open") {
  const Pair pair;
  const Fd sent(open("/dev/null", O_RDONLY | O_CLOEXEC));
  const int twice[2] = {sent.get(), sent.get()};
  CHECK(PassDescriptors(pair.here.get(), 'x', twice, 2));
  Passed passed;
  CHECK(TakePassed(pair.there.get(), passed, 0) == 1);
  CHECK(passed.byte == 'x' && passed.count == 2);
  const Fd first(passed.descriptors[0]);
  const Fd second(passed.descriptors[1]);
  CHECK(first.get() != second.get() && first.get() != sent.get());
  CHECK(fcntl(first.get(), F_GETFD) == FD_CLOEXEC && fcntl(second.get(), F_GETFD) == FD_CLOEXEC);
  CHECK(fcntl(sent.get(), F_GETFD) == FD_CLOEXEC);
}

TEST("a message may have no descriptor, and that of before is not taken for its own") {
  const Pair pair;
  CHECK(PassDescriptors(pair.here.get(), 'n', nullptr, 0));
  CHECK(send(pair.here.get(), "b", 1, 0) == 1);
  Passed passed;
  passed.count = 1;
  CHECK(TakePassed(pair.there.get(), passed, 0) == 1 && passed.byte == 'n' && passed.count == 0);
  passed.count = 1;
  CHECK(TakePassed(pair.there.get(), passed, 0) == 1 && passed.byte == 'b' && passed.count == 0);
}

TEST("more than there is room for are not sent, and what is closed or not a descriptor is told by errno") {
  Pair pair;
  const Fd sent(open("/dev/null", O_RDONLY | O_CLOEXEC));
  int many[kMaxPassed + 1];
  for (int& fd : many) fd = sent.get();
  CHECK(!PassDescriptors(pair.here.get(), 'x', many, kMaxPassed + 1) && errno == E2BIG);
  const int closed = -1;
  CHECK(!PassDescriptors(pair.here.get(), 'x', &closed, 1) && errno == EBADF && !IsFromClosedEnd(EBADF));
  Passed passed;
  CHECK(TakePassed(pair.there.get(), passed, MSG_DONTWAIT) < 0 && errno == EAGAIN);
  CHECK(PassDescriptors(pair.here.get(), 'x', many, kMaxPassed));
  // With something unread, and then without.
  pair.there.Close();
  CHECK(!PassDescriptors(pair.here.get(), 'x', nullptr, 0) && IsFromClosedEnd(errno));
  CHECK(!PassDescriptors(pair.here.get(), 'x', nullptr, 0) && IsFromClosedEnd(errno));
  CHECK(TakePassed(pair.here.get(), passed, 0) == 0);
}
