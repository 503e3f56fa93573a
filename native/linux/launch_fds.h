// The descriptors with which the addon starts mcpo-launch, beside 0, 1 and 2 of the server.
#pragma once

namespace mcpo {

// The encoded plan: a sealed memfd.
inline constexpr int kPlanFd = 3;
// Write end of the status pipe, see core/status.h.
inline constexpr int kStatusFd = 4;
// Read end of the lifeline: end of file means that the gateway is gone, a byte is a signal for the server
// (passed_signals.h).
inline constexpr int kLifelineFd = 5;
// Socket to the thread that answers refused system calls (told/supervisor.h): takes the listener of the
// server's filter. Its end of file there means that the server has been executed.
inline constexpr int kTellFd = 6;
// A file in memory: what may hang is written at its start before it is done (Progress in report.h). Not a
// pipe, which would wake the gateway each time for what it seldom reads.
inline constexpr int kStepFd = 7;

}  // namespace mcpo
