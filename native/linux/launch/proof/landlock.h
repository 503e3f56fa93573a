#pragma once

#include "facts.h"

namespace mcpo {

// What ProveLandlock found: `proved`, `untried` where the server has no private folder, or `absent`.
void AddLandlock(Facts& facts);

}  // namespace mcpo
