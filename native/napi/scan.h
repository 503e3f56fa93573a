#pragma once

#include <napi.h>

namespace mcpo::napi {

// The function that lib/native/index.ts exports as `scanChunk`.
Napi::Value MakeScanChunk(Napi::Env env);

}  // namespace mcpo::napi
