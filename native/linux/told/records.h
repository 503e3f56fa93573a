// The supervisor's end of a pipe of status records. A reader that is slow loses records, never the supervisor
// its time.
#pragma once

#include <string_view>

#include "../../core/status.h"
#include "../fd.h"

namespace mcpo::told {

class Records {
 public:
  // `pipe`: a write end, non-blocking.
  explicit Records(Fd pipe) : pipe_(static_cast<Fd&&>(pipe)) {}

  // False when the pipe is full or nobody reads: nothing was written then. Text beyond kMaxStatusText is cut.
  bool Write(StatusKind kind, int value, std::string_view text);

 private:
  Fd pipe_;
};

}  // namespace mcpo::told
