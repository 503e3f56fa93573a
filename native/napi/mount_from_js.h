#pragma once

#include <string>

#include "from_js.h"

namespace mcpo {

// One MountOperation of lib/policy/plan.ts.
bool ReadMount(JsReader& reader, const Napi::Value& value, const std::string& where, MountOperation& out);

}  // namespace mcpo
