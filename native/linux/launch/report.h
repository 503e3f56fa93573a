// Telling the gateway. A step that fails ends the process: there is no half-built sandbox to go on with.
#pragma once

#include "../../core/status.h"

namespace mcpo {

// Sends `step NUL detail` with errno, and exits.
[[noreturn]] void Fail(const char* step, const char* detail = "");
[[noreturn]] void FailWith(const char* step, int error, const char* detail = "");

// Fails unless `result` is what a system call returns when it worked (not negative); gives it back.
inline int Require(int result, const char* step, const char* detail = "") {
  if (result < 0) Fail(step, detail);
  return result;
}

// Left in the step file before something that may hang, so that the gateway can name it when its deadline
// passes.
void Progress(const char* step, const char* detail);

// Something is weaker than planned: errno is why.
void Note(const char* what, const char* detail);

void ReportReady(const char* facts);
void ReportExit(int value);

// The server is ended for this limit: its name in the configuration.
void ReportLimit(const char* limit);

}  // namespace mcpo
