// The socket to the gateway's supervisor (kTellFd).
#pragma once

#include <cstddef>

#include "../told/message.h"

namespace mcpo {

// Descriptors for the supervisor; they stay open here. Ends the start, as `step`, when they cannot be sent.
void SendToGateway(told::Message kind, const int* descriptors, std::size_t count, const char* step);

}  // namespace mcpo
