// What JavaScript sees: lib/native/index.ts is the only file that calls this. Nothing throws: a failure is an
// object {stage, errno}. All calls return at once, and what they keep (children.h) hangs on the environment:
// a worker may end at any moment.
#include <napi.h>

#include "cgroup.h"
#include "sandbox.h"
#include "scan.h"

namespace mcpo {
namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  ExportSandbox(env, exports);
  ExportCgroup(env, exports);
  ExportScan(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(mcp_one, Init)

}  // namespace mcpo
