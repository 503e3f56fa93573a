#pragma once

#include <napi.h>

namespace mcpo {

// Adds `scanChunk`, the scanner of JSON-RPC messages.
void ExportScan(Napi::Env env, Napi::Object exports);

}  // namespace mcpo
