#include "cgroup.h"

#include <unistd.h>

#include <cerrno>

#include "../core/backend.h"
#include "failure.h"
#include "from_js.h"

namespace mcpo {
namespace {

// openLocked(folder, exclusive): {fd}
Napi::Value OpenLockedCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  Text folder;
  bool exclusive = false;
  if (!reader.ReadText(info[0], "folder", folder) || !reader.ReadFlag(info[1], "exclusive", exclusive)) {
    return ToJs(info.Env(), reader.failedAt(), EINVAL);
  }
  int fd = -1;
  if (const Failure failure = OpenLocked(folder.data, exclusive, fd)) return ToJs(info.Env(), failure);
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("fd", fd);
  // A worker that is being terminated can no longer be given anything.
  if (object.IsEmpty() || !object.Has("fd")) close(fd);
  return object;
}

// isMarkedDelegated(folder): boolean
Napi::Value IsMarkedDelegatedCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  Text folder;
  if (!reader.ReadText(info[0], "folder", folder)) return ToJs(info.Env(), reader.failedAt(), EINVAL);
  return Napi::Boolean::New(info.Env(), IsMarkedDelegated(folder.data));
}

}  // namespace

void ExportCgroup(Napi::Env env, Napi::Object exports) {
  exports.Set("openLocked", Napi::Function::New(env, OpenLockedCall));
  exports.Set("isMarkedDelegated", Napi::Function::New(env, IsMarkedDelegatedCall));
}

}  // namespace mcpo
