// What one JavaScript environment holds: it ends with it, whatever a worker was doing.
#pragma once

#include "children.h"

namespace mcpo {

struct Instance {
  // Ends last: until the children are gone, their calls are answered.
  Supervisor supervisor;
  Children children;
};

}  // namespace mcpo
