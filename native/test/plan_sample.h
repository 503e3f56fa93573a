// A plan with something in every field, for the codec's tests and the fuzzer's first input.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "../core/plan_codec.h"

namespace mcpo::test {

inline Text T(const char* text) {
  return {text, static_cast<std::uint32_t>(std::strlen(text))};
}

struct Sample {
  MountOperation mounts[2];
  LandlockRule rules[1] = {{T("/tmp"), 0x1234}};
  ResourceLimit limits[1] = {{Resource::kNofile, 2048, 4096}};
  std::uint32_t ports[2] = {80, 443};
  Text routes[1] = {T("10.1.2.0/24")};
  Text argv[2] = {T("node"), T("server.js")};
  Text environment[1] = {T("PATH=/usr/bin")};
  FilterInstruction filter[2] = {{6, 0, 0, 0x7fff0000}, {0x15, 1, 2, 59}};
  Plan plan;

  Sample() {
    mounts[0].kind = MountKind::kFile;
    mounts[0].target = T("/etc/hosts");
    mounts[0].content = {"a\0b", 3};
    mounts[0].mode = 0644;
    mounts[1].kind = MountKind::kBind;
    mounts[1].source = T("/srv/data");
    mounts[1].target = T("/data");
    mounts[1].readOnly = mounts[1].idmap = true;
    plan.hostname = T("srv");
    plan.hasHostUid = true;
    plan.hostUid = 61184;
    plan.userNamespace = false;
    plan.egress = {true, {ports, 2}, {routes, 1}};
    plan.root = RootKind::kHostReadOnly;
    plan.mounts = {mounts, 2};
    plan.landlock = {true, 0xffff, 3, {rules, 1}};
    plan.rlimits = {limits, 1};
    plan.executable = T("/usr/bin/node");
    plan.argv = {argv, 2};
    plan.environment = {environment, 1};
    plan.cwd = T("/home/mcp");
    plan.dryRun = true;
    plan.enteredPid = 4711;
    plan.serverFilter = {filter, 2};
    plan.initFilter = {filter, 1};
  }
};

inline std::vector<std::uint8_t> Encoded(const Plan& plan) {
  std::vector<std::uint8_t> bytes(EncodedPlanSize(plan));
  if (!EncodePlan(plan, bytes.data(), bytes.size())) bytes.clear();
  return bytes;
}

}  // namespace mcpo::test
