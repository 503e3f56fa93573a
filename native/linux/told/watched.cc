#include "watched.h"

#include <errno.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "../seccomp/filter.h"
#include "../seccomp/interpret.h"
#include "../seccomp/told.h"
#include "access.h"
#include "message.h"
#include "reasons.h"

namespace mcpo::told {
namespace {

std::vector<Fd> DescriptorsIn(const Passed& message) {
  std::vector<Fd> descriptors;
  for (std::size_t index = 0; index < message.count; ++index)
    descriptors.emplace_back(message.descriptors[index]);
  return descriptors;
}

}  // namespace

Watched::Watched(Fd socket, Fd records, Refusals refusals)
    : records_(static_cast<Fd&&>(records)), socket_(static_cast<Fd&&>(socket)), refusals_(refusals) {}

bool Watched::TakeMessage() {
  Passed message;
  const int got = TakePassed(socket_.get(), message, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got <= 0) {
    socket_.Close();
    return false;
  }
  std::vector<Fd> descriptors = DescriptorsIn(message);
  if (message.byte == static_cast<char>(Message::kEgress)) HandOn(descriptors);
  if (message.byte != static_cast<char>(Message::kFilter) || descriptors.size() != 1 || listener_)
    return false;
  TakeTurns(descriptors.front().get());
  listener_ = static_cast<Fd&&>(descriptors.front());
  return true;
}

// Whoever reads the record has them from then on; without a reader they are closed.
void Watched::HandOn(std::vector<Fd>& descriptors) {
  std::string text;
  for (const Fd& fd : descriptors) text += (text.empty() ? "" : " ") + std::to_string(fd.get());
  if (!records_.Write(StatusKind::kListeners, 0, text)) return;
  for (Fd& fd : descriptors) fd.Release();
}

void Watched::AnswerOne(Milliseconds now) {
  Call call;
  const Received received = Receive(listener_.get(), call);
  // Without a listener the calls get ENOSYS.
  if (received == Received::kFailure) listener_.Close();
  if (received != Received::kCall) return;
  const int error = ErrorFor(call);
  if (error == 0) return Explain(call);
  Refuse(listener_.get(), call, error);
  tallies_.Add(call, now, [this](const Call& first, std::uint64_t count) { return Tell(first, count); });
}

void Watched::TellDue(Milliseconds now, bool all) {
  tallies_.TellDue(now, all, [this](const Call& first, std::uint64_t count) { return Tell(first, count); });
}

// From the registers alone, as the filter decided.
int Watched::ErrorFor(const Call& call) const {
  if (refusals_ != Refusals::kExplained) return EPERM;
  const seccomp::Outcome outcome = seccomp::Interpret(seccomp::ServerFilter(refusals_), call.data);
  return outcome.verdict == seccomp::Told(0) ? 0 : EPERM;
}

void Watched::Explain(const Call& call) {
  if (socket_) TakeMessage();
  if (!socket_) {
    for (const std::string& access : AccessesOf(call)) {
      if (IsWaiting(listener_.get(), call)) {
        records_.Write(StatusKind::kAccess, static_cast<int>(call.pid), access);
      }
    }
  }
  LetGoOn(listener_.get(), call);
}

bool Watched::Tell(const Call& call, std::uint64_t count) {
  const Reason reason = ReasonOf(call.data.nr);
  std::string text = "call=" + std::string(reason.name) + "\nwhy=" + std::string(reason.why) +
                     "\nnumber=" + std::to_string(call.data.nr) + "\npid=" + std::to_string(call.pid) +
                     "\ncount=" + std::to_string(count) + "\narguments=";
  for (const auto argument : call.data.args) text += std::to_string(argument) + " ";
  text.back() = '\n';
  return records_.Write(StatusKind::kRefusal, static_cast<int>(call.pid), text);
}

}  // namespace mcpo::told
