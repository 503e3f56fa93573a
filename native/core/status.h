// What the launcher tells the gateway, over a pipe: one record, one write. lib/native/status.ts reads it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcpo {

enum class StatusKind : std::uint8_t {
  // Not in the pipe but in a file, in place of the one before: about to do something that may hang. Text is
  // `step NUL detail`.
  kProgress = 1,
  // A step failed and nothing will run: value is errno, text is `step NUL detail`.
  kFailure = 2,
  // The self-check passed and the server is about to be executed: text is its facts, `key=value` lines.
  kReady = 3,
  // Something is weaker than planned: value is errno, text says what.
  kNote = 4,
  // The server ended: value is its exit code, or minus the signal that ended it.
  kExit = 5,
  // From the supervisor, on a pipe of its own: refused system calls. Text is `key=value` lines.
  kRefusal = 6,
  // From the supervisor, for diagnosis: a file access that is about to be made. Value is the process; text is
  // `call NUL intent NUL path`.
  kAccess = 7,
  // Pid 1 of the sandbox ends the server for a limit that it watches: text is its name in the configuration.
  kLimit = 8,
  // From the supervisor: listeners in the server's network namespace, now open in this process. Text is their
  // descriptors, separated by spaces, in the order in which the launcher sent them.
  kListeners = 9,
};

struct StatusHeader {
  std::uint8_t kind = 0;
  std::uint8_t reserved = 0;
  std::uint16_t textBytes = 0;
  std::int32_t value = 0;
};
static_assert(sizeof(StatusHeader) == 8);

// Header and text together stay below PIPE_BUF (4096), so that records of several processes never mix.
inline constexpr std::size_t kMaxStatusText = 3072;

}  // namespace mcpo
