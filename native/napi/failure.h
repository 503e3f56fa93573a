// How a failure is told to JavaScript: {stage, errno}.
#pragma once

#include <napi.h>

#include <string>

#include "../core/backend.h"

namespace mcpo {

inline Napi::Object ToJs(Napi::Env env, const std::string& stage, int error) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("stage", stage);
  object.Set("errno", error);
  return object;
}

inline Napi::Object ToJs(Napi::Env env, const Failure& failure) {
  return ToJs(env, failure.stage, failure.error);
}

}  // namespace mcpo
