#include "plan_from_js.h"

#include <iterator>

#include "mount_from_js.h"

namespace mcpo {
namespace {

constexpr const char* kRoots[] = {"minimal", "host-ro", "host-rw"};
static_assert(std::size(kRoots) == static_cast<std::size_t>(RootKind::kCount));

constexpr const char* kResources[] = {"core",  "nproc", "nofile", "sigpending", "msgqueue", "memlock",
                                      "fsize", "nice",  "rtprio", "data",       "stack"};
static_assert(std::size(kResources) == static_cast<std::size_t>(Resource::kCount));

constexpr std::uint64_t kMaxUid = 0xfffffffe;
constexpr std::uint64_t kMaxPid = 0x7fffffff;
constexpr std::uint64_t kMaxPort = 0xffff;
constexpr std::uint64_t kMaxWatched = 0xffffffff;
constexpr std::uint64_t kAny = ~std::uint64_t{0};

std::string At(const char* list, std::uint32_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

template <class T>
List<T> ListOf(std::vector<T>& items) {
  return {items.data(), static_cast<std::uint32_t>(items.size())};
}

}  // namespace

PlanFromJs::PlanFromJs(JsReader& reader, const Napi::Value& value) : reader_(reader) {
  ReadAll(value);
}

bool PlanFromJs::ReadAll(const Napi::Value& value) {
  Napi::Object object;
  if (!reader_.ReadObject(value, "plan", object)) return false;
  auto field = [&](const char* name) { return reader_.Field(object, name, "plan"); };
  std::uint32_t root = 0;
  const bool read =
      reader_.ReadText(field("hostname"), "plan.hostname", plan_.hostname) && ReadHostUid(field("hostUid")) &&
      reader_.ReadFlag(field("userNamespace"), "plan.userNamespace", plan_.userNamespace) &&
      reader_.ReadFlag(field("shareNetwork"), "plan.shareNetwork", plan_.shareNetwork) &&
      ReadEgress(field("egress")) &&
      reader_.ReadChoice(field("root"), "plan.root", kRoots, std::size(kRoots), root) &&
      ReadMounts(field("mounts")) && ReadLandlock(field("landlock")) && ReadLimits(field("rlimits")) &&
      ReadWatch(field("watch")) &&
      reader_.ReadText(field("executable"), "plan.executable", plan_.executable) &&
      ReadTexts(field("argv"), "plan.argv", kMaxArguments, argv_, plan_.argv) &&
      ReadTexts(field("environment"), "plan.environment", kMaxEnvironment, environment_, plan_.environment) &&
      reader_.ReadText(field("cwd"), "plan.cwd", plan_.cwd) &&
      reader_.ReadFlag(field("dryRun"), "plan.dryRun", plan_.dryRun) && ReadEnteredPid(field("enteredPid"));
  plan_.root = static_cast<RootKind>(root);
  return read && (plan_.argv.size > 0 || reader_.Fail("plan.argv"));
}

bool PlanFromJs::ReadHostUid(const Napi::Value& value) {
  if (value.IsNull()) return true;
  std::uint64_t uid = 0;
  if (!reader_.ReadNumber(value, "plan.hostUid", kMaxUid, uid) || uid == 0) {
    return reader_.Fail("plan.hostUid");
  }
  plan_.hasHostUid = true;
  plan_.hostUid = static_cast<std::uint32_t>(uid);
  return true;
}

bool PlanFromJs::ReadEnteredPid(const Napi::Value& value) {
  if (value.IsUndefined()) return true;
  std::uint64_t pid = 0;
  if (!reader_.ReadNumber(value, "plan.enteredPid", kMaxPid, pid) || pid == 0)
    return reader_.Fail("plan.enteredPid");
  plan_.enteredPid = static_cast<std::uint32_t>(pid);
  return true;
}

bool PlanFromJs::ReadEgress(const Napi::Value& value) {
  if (value.IsNull()) return true;
  Napi::Object object;
  Napi::Array array;
  if (!reader_.ReadObject(value, "plan.egress", object)) return false;
  auto field = [&](const char* name) { return reader_.Field(object, name, "plan.egress"); };
  if (!reader_.ReadArray(field("ports"), "plan.egress.ports", kMaxEgressPorts, array)) return false;
  ports_.resize(array.Length());
  for (std::uint32_t index = 0; index < ports_.size(); ++index) {
    std::uint64_t port = 0;
    const std::string where = At("plan.egress.ports", index);
    if (!reader_.ReadNumber(array.Get(index), where, kMaxPort, port) || port == 0) return reader_.Fail(where);
    ports_[index] = static_cast<std::uint32_t>(port);
  }
  plan_.egress.enabled = true;
  plan_.egress.ports = ListOf(ports_);
  return ReadTexts(field("routes"), "plan.egress.routes", kMaxEgressRoutes, routes_, plan_.egress.routes);
}

bool PlanFromJs::ReadMounts(const Napi::Value& value) {
  Napi::Array array;
  if (!reader_.ReadArray(value, "plan.mounts", kMaxMounts, array)) return false;
  mounts_.resize(array.Length());
  for (std::uint32_t index = 0; index < mounts_.size(); ++index) {
    if (!ReadMount(reader_, array.Get(index), At("plan.mounts", index), mounts_[index])) return false;
  }
  plan_.mounts = ListOf(mounts_);
  return true;
}

bool PlanFromJs::ReadLandlock(const Napi::Value& value) {
  if (value.IsNull()) return true;
  Napi::Object object;
  Napi::Array rules;
  if (!reader_.ReadObject(value, "plan.landlock", object)) return false;
  auto field = [&](const char* name) { return reader_.Field(object, name, "plan.landlock"); };
  LandlockPlan& landlock = plan_.landlock;
  landlock.enabled = true;
  if (!reader_.ReadNumber(field("handledFs"), "plan.landlock.handledFs", kAny, landlock.handledFs) ||
      !reader_.ReadNumber(field("scoped"), "plan.landlock.scoped", kAny, landlock.scoped) ||
      !reader_.ReadArray(field("rules"), "plan.landlock.rules", kMaxLandlockRules, rules)) {
    return false;
  }
  rules_.resize(rules.Length());
  for (std::uint32_t index = 0; index < rules_.size(); ++index) {
    const std::string where = At("plan.landlock.rules", index);
    Napi::Object rule;
    if (!reader_.ReadObject(rules.Get(index), where, rule) ||
        !reader_.ReadText(reader_.Field(rule, "path", where), where + ".path", rules_[index].path) ||
        !reader_.ReadNumber(reader_.Field(rule, "access", where), where + ".access", kAny,
                            rules_[index].access)) {
      return false;
    }
  }
  landlock.rules = ListOf(rules_);
  return true;
}

bool PlanFromJs::ReadLimits(const Napi::Value& value) {
  Napi::Array array;
  if (!reader_.ReadArray(value, "plan.rlimits", kMaxResourceLimits, array)) return false;
  limits_.resize(array.Length());
  for (std::uint32_t index = 0; index < limits_.size(); ++index) {
    if (!ReadLimit(array.Get(index), At("plan.rlimits", index), limits_[index])) return false;
  }
  plan_.rlimits = ListOf(limits_);
  return true;
}

bool PlanFromJs::ReadLimit(const Napi::Value& value, const std::string& where, ResourceLimit& out) {
  Napi::Object object;
  std::uint32_t resource = 0;
  if (!reader_.ReadObject(value, where, object)) return false;
  auto field = [&](const char* name) { return reader_.Field(object, name, where); };
  if (!reader_.ReadChoice(field("resource"), where + ".resource", kResources, std::size(kResources),
                          resource) ||
      !reader_.ReadNumber(field("value"), where + ".value", kAny, out.hard)) {
    return false;
  }
  out.resource = static_cast<Resource>(resource);
  out.soft = out.hard;
  const Napi::Value soft = field("soft");
  return soft.IsUndefined() || reader_.ReadNumber(soft, where + ".soft", kAny, out.soft);
}

bool PlanFromJs::ReadWatch(const Napi::Value& value) {
  if (value.IsNull()) return true;
  Napi::Object object;
  if (!reader_.ReadObject(value, "plan.watch", object)) return false;
  std::uint64_t cpuPercent = 0;
  std::uint64_t memoryMb = 0;
  auto field = [&](const char* name) { return reader_.Field(object, name, "plan.watch"); };
  if (!reader_.ReadNumber(field("cpuPercent"), "plan.watch.cpuPercent", kMaxWatched, cpuPercent) ||
      !reader_.ReadNumber(field("memoryMb"), "plan.watch.memoryMb", kMaxWatched, memoryMb)) {
    return false;
  }
  plan_.watch = {static_cast<std::uint32_t>(cpuPercent), static_cast<std::uint32_t>(memoryMb)};
  return true;
}

bool PlanFromJs::ReadTexts(const Napi::Value& value, const char* where, std::uint32_t most,
                           std::vector<Text>& room, List<Text>& out) {
  Napi::Array array;
  if (!reader_.ReadArray(value, where, most, array)) return false;
  room.resize(array.Length());
  for (std::uint32_t index = 0; index < room.size(); ++index) {
    if (!reader_.ReadText(array.Get(index), At(where, index), room[index])) return false;
  }
  out = ListOf(room);
  return true;
}

}  // namespace mcpo
