// What a call that names a file is about, as read from a process that may be changing it: for people to read,
// never for a decision.
#pragma once

#include <string>
#include <vector>

#include "listener.h"

namespace mcpo::told {

// `call NUL intent NUL path` for each path of the call; intent is read, write or execute. A path that cannot
// be read is left out.
std::vector<std::string> AccessesOf(const Call& call);

}  // namespace mcpo::told
