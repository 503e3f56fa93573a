#include "tell.h"

#include "../descriptors.h"
#include "../launch_fds.h"
#include "report.h"

namespace mcpo {

void SendToGateway(told::Message kind, const int* descriptors, std::size_t count, const char* step) {
  if (!PassDescriptors(kTellFd, static_cast<char>(kind), descriptors, count)) Fail(step, "descriptors");
}

}  // namespace mcpo
