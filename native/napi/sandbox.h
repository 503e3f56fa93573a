#pragma once

#include <napi.h>

namespace mcpo {

// probe, stdioPipes, spawn, reap, signal, explainFilter, serverFilter.
void ExportSandbox(Napi::Env env, Napi::Object exports);

}  // namespace mcpo
