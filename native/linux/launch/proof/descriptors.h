#pragma once

#include "facts.h"

namespace mcpo {

// Nothing is open but 0, 1 and 2, and what closes itself when the server is executed.
void CheckDescriptors(Facts& facts);

}  // namespace mcpo
