#pragma once

#include <vector>

#include "from_js.h"

namespace mcpo {

// A Plan object of lib/policy/plan.ts as the struct of core/plan.h, together with the memory behind it.
class PlanFromJs {
 public:
  PlanFromJs(JsReader& reader, const Napi::Value& value);

  // Complete only when the reader is ok. Lives as long as this object and the reader.
  const Plan& plan() const { return plan_; }

 private:
  bool ReadAll(const Napi::Value& value);
  bool ReadHostUid(const Napi::Value& value);
  bool ReadEnteredPid(const Napi::Value& value);
  bool ReadEgress(const Napi::Value& value);
  bool ReadMounts(const Napi::Value& value);
  bool ReadLandlock(const Napi::Value& value);
  bool ReadLimits(const Napi::Value& value);
  bool ReadLimit(const Napi::Value& value, const std::string& where, ResourceLimit& out);
  bool ReadWatch(const Napi::Value& value);
  bool ReadTexts(const Napi::Value& value, const char* where, std::uint32_t most, std::vector<Text>& room,
                 List<Text>& out);

  JsReader& reader_;
  Plan plan_;
  std::vector<MountOperation> mounts_;
  std::vector<LandlockRule> rules_;
  std::vector<ResourceLimit> limits_;
  std::vector<std::uint32_t> ports_;
  std::vector<Text> routes_;
  std::vector<Text> argv_;
  std::vector<Text> environment_;
};

}  // namespace mcpo
