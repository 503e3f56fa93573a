#include "records.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace mcpo::told {

// Node ignores SIGPIPE, and this thread blocks it.
bool Records::Write(StatusKind kind, int value, std::string_view text) {
  const std::size_t bytes = std::min(text.size(), kMaxStatusText);
  const StatusHeader header{static_cast<std::uint8_t>(kind), 0, static_cast<std::uint16_t>(bytes), value};
  char record[sizeof header + kMaxStatusText];
  std::memcpy(record, &header, sizeof header);
  std::memcpy(record + sizeof header, text.data(), bytes);
  const std::size_t size = sizeof header + bytes;
  return write(pipe_.get(), record, size) == static_cast<ssize_t>(size);
}

}  // namespace mcpo::told
