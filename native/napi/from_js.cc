#include "from_js.h"

#include <cmath>
#include <cstring>

namespace mcpo {

bool JsReader::Fail(const std::string& where) {
  if (env_.IsExceptionPending()) env_.GetAndClearPendingException();
  if (failedAt_.empty()) failedAt_ = where;
  return false;
}

Napi::Value JsReader::Field(const Napi::Object& object, const char* name, const std::string& where) {
  const Napi::Value value = object.Get(name);
  if (!env_.IsExceptionPending()) return value;
  Fail(where + "." + name);
  return env_.Undefined();
}

bool JsReader::ReadText(const Napi::Value& value, const std::string& where, Text& out) {
  if (!ok() || !value.IsString()) return Fail(where);
  const std::string& text = texts_.emplace_back(value.As<Napi::String>().Utf8Value());
  if (text.size() > kMaxPlanBytes) return Fail(where);
  out = {text.c_str(), static_cast<std::uint32_t>(text.size())};
  return true;
}

bool JsReader::ReadFlag(const Napi::Value& value, const std::string& where, bool& out) {
  if (!ok() || !value.IsBoolean()) return Fail(where);
  out = value.As<Napi::Boolean>().Value();
  return true;
}

bool JsReader::ReadNumber(const Napi::Value& value, const std::string& where, std::uint64_t most,
                          std::uint64_t& out) {
  if (!ok() || !value.IsNumber()) return Fail(where);
  const double number = value.As<Napi::Number>().DoubleValue();
  // Beyond 2^53 a double skips whole numbers.
  constexpr double kMostExact = 9007199254740992.0;
  if (!(number >= 0) || number > kMostExact || std::trunc(number) != number) return Fail(where);
  out = static_cast<std::uint64_t>(number);
  return out <= most || Fail(where);
}

bool JsReader::ReadChoice(const Napi::Value& value, const std::string& where, const char* const* names,
                          std::uint32_t count, std::uint32_t& out) {
  if (!ok() || !value.IsString()) return Fail(where);
  const std::string text = value.As<Napi::String>().Utf8Value();
  for (out = 0; out < count; ++out) {
    if (text == names[out]) return true;
  }
  return Fail(where);
}

bool JsReader::ReadObject(const Napi::Value& value, const std::string& where, Napi::Object& out) {
  if (!ok() || !value.IsObject()) return Fail(where);
  out = value.As<Napi::Object>();
  return true;
}

bool JsReader::ReadArray(const Napi::Value& value, const std::string& where, std::uint32_t most,
                         Napi::Array& out) {
  if (!ok() || !value.IsArray()) return Fail(where);
  out = value.As<Napi::Array>();
  return out.Length() <= most || Fail(where);
}

}  // namespace mcpo
