// Reading values that came from JavaScript. TypeScript has checked them; this makes sure that a mistake there
// cannot become a wrong read here. The first thing that is not as it should be is remembered, and everything
// after it fails.
#pragma once

#include <napi.h>

#include <cstdint>
#include <deque>
#include <string>

#include "../core/plan.h"

namespace mcpo {

class JsReader {
 public:
  explicit JsReader(Napi::Env env) : env_(env) {}

  // `plan.mounts` or the like, for the failure; empty while all is well.
  const std::string& failedAt() const { return failedAt_; }
  bool ok() const { return failedAt_.empty(); }

  // Sets failedAt; takes back an exception that a getter may have thrown. Always false.
  bool Fail(const std::string& where);

  Napi::Value Field(const Napi::Object& object, const char* name, const std::string& where);

  bool ReadText(const Napi::Value& value, const std::string& where, Text& out);
  bool ReadFlag(const Napi::Value& value, const std::string& where, bool& out);
  // A whole number from 0 to `most`.
  bool ReadNumber(const Napi::Value& value, const std::string& where, std::uint64_t most, std::uint64_t& out);
  // The position of a string in `names`.
  bool ReadChoice(const Napi::Value& value, const std::string& where, const char* const* names,
                  std::uint32_t count, std::uint32_t& out);
  bool ReadObject(const Napi::Value& value, const std::string& where, Napi::Object& out);
  // An array of at most `most` items.
  bool ReadArray(const Napi::Value& value, const std::string& where, std::uint32_t most, Napi::Array& out);

 private:
  Napi::Env env_;
  std::string failedAt_;
  // Where the texts live: a deque never moves what it holds.
  std::deque<std::string> texts_;
};

}  // namespace mcpo
