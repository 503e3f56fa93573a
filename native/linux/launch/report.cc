#include "report.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "../launch_fds.h"

namespace mcpo {
namespace {

// One record, put together on the stack and sent by one write.
class Record {
 public:
  void Append(const char* text, std::size_t bytes) {
    const std::size_t room = kMaxStatusText - size_;
    const std::size_t taken = bytes < room ? bytes : room;
    std::memcpy(buffer_ + sizeof(StatusHeader) + size_, text, taken);
    size_ += taken;
  }

  void AppendString(const char* text) { Append(text, std::strlen(text)); }

  void Send(StatusKind kind, int value) {
    const std::size_t bytes = Finish(kind, value);
    // Nobody left to tell is no reason to stop: the lifeline decides.
    if (write(kStatusFd, buffer_, bytes) < 0) return;
  }

  // In place of the one before: the header says how much of the file counts.
  void Leave(StatusKind kind) {
    const std::size_t bytes = Finish(kind, 0);
    if (pwrite(kStepFd, buffer_, bytes, 0) < 0) return;
  }

 private:
  std::size_t Finish(StatusKind kind, int value) {
    const StatusHeader header{static_cast<std::uint8_t>(kind), 0, static_cast<std::uint16_t>(size_), value};
    std::memcpy(buffer_, &header, sizeof header);
    return sizeof header + size_;
  }

  char buffer_[sizeof(StatusHeader) + kMaxStatusText];
  std::size_t size_ = 0;
};

Record StepRecord(const char* step, const char* detail) {
  Record record;
  record.AppendString(step);
  record.Append("", 1);
  record.AppendString(detail);
  return record;
}

}  // namespace

void FailWith(const char* step, int error, const char* detail) {
  StepRecord(step, detail).Send(StatusKind::kFailure, error);
  _exit(1);
}

void Fail(const char* step, const char* detail) {
  FailWith(step, errno, detail);
}

void Progress(const char* step, const char* detail) {
  StepRecord(step, detail).Leave(StatusKind::kProgress);
}

void Note(const char* what, const char* detail) {
  const int error = errno;
  Record record;
  record.AppendString(what);
  record.AppendString(": ");
  record.AppendString(detail);
  record.Send(StatusKind::kNote, error);
}

void ReportReady(const char* facts) {
  Record record;
  record.AppendString(facts);
  record.Send(StatusKind::kReady, 0);
}

void ReportExit(int value) {
  Record record;
  record.Send(StatusKind::kExit, value);
}

void ReportLimit(const char* limit) {
  Record record;
  record.AppendString(limit);
  record.Send(StatusKind::kLimit, 0);
}

}  // namespace mcpo
