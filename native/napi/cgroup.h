#pragma once

#include <napi.h>

namespace mcpo {

// openLocked, isMarkedDelegated.
void ExportCgroup(Napi::Env env, Napi::Object exports);

}  // namespace mcpo
