#pragma once

#include <napi.h>

namespace mcpo {

// probe, stdioPairs, spawn, reap, signal, explainFilter, serverFilter.
void ExportSandbox(Napi::Env env, Napi::Object exports);

}  // namespace mcpo
