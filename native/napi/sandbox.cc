#include "sandbox.h"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "../core/backend.h"
#include "failure.h"
#include "instance.h"
#include "plan_from_js.h"

namespace mcpo {
namespace {

Napi::Array DescriptorsToJs(Napi::Env env, const int (&fds)[3]) {
  Napi::Array array = Napi::Array::New(env, 3);
  for (std::uint32_t index = 0; index < 3; ++index) array.Set(index, fds[index]);
  return array;
}

// A worker that is being terminated can no longer be given anything: every call of Node-API fails.
bool HasField(const Napi::Object& object, const char* last) {
  return !object.IsEmpty() && object.Has(last);
}

Napi::Value ProbeCall(const Napi::CallbackInfo& info) {
  const Probe probe = ProbeHost();
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("kernel", probe.kernel);
  object.Set("landlockAbi", probe.landlockAbi);
  object.Set("seccompFilter", probe.seccompFilter);
  object.Set("userNotification", probe.userNotification);
  object.Set("pidfd", probe.pidfd);
  object.Set("idmappedMounts", probe.idmappedMounts);
  return object;
}

// writtenMs(path): number
Napi::Value WrittenMsCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  Text path;
  if (!reader.ReadText(info[0], "path", path)) return ToJs(info.Env(), reader.failedAt(), EINVAL);
  return Napi::Number::New(info.Env(), WrittenMs(path.data));
}

// stdioPipes(owner: number | null)
Napi::Value StdioPipesCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  std::uint64_t owner = 0;
  const bool isOwned = !info[0].IsNull();
  if (isOwned && !reader.ReadNumber(info[0], "owner", UINT32_MAX - 1, owner))
    return ToJs(info.Env(), reader.failedAt(), EINVAL);
  const auto id = static_cast<std::uint32_t>(owner);
  StdioPipes pipes;
  if (const Failure failure = MakeStdioPipes(isOwned ? &id : nullptr, pipes))
    return ToJs(info.Env(), failure);
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("child", DescriptorsToJs(info.Env(), pipes.child));
  object.Set("parent", DescriptorsToJs(info.Env(), pipes.parent));
  if (!HasField(object, "parent")) Abandon(pipes);
  return object;
}

bool ReadStdio(JsReader& reader, const Napi::Value& value, int (&stdio)[3]) {
  Napi::Array array;
  if (!reader.ReadArray(value, "stdio", 3, array)) return false;
  for (std::uint32_t index = 0; index < 3; ++index) {
    std::uint64_t fd = 0;
    if (!reader.ReadNumber(array.Get(index), "stdio", INT_MAX, fd)) return false;
    stdio[index] = static_cast<int>(fd);
  }
  return true;
}

// null or a descriptor; -1 for null.
bool ReadCgroup(JsReader& reader, const Napi::Value& value, int& cgroup) {
  if (value.IsNull()) return true;
  std::uint64_t fd = 0;
  if (!reader.ReadNumber(value, "cgroup", INT_MAX, fd)) return false;
  cgroup = static_cast<int>(fd);
  return true;
}

constexpr const char* kRefusals[] = {"answered", "told", "explained"};

bool ReadRefusals(JsReader& reader, const Napi::Value& value, Refusals& refusals) {
  std::uint32_t choice = 0;
  if (!reader.ReadChoice(value, "refusals", kRefusals, std::size(kRefusals), choice)) return false;
  refusals = static_cast<Refusals>(choice);
  return true;
}

// spawn(plan, launcher, [stdin, stdout, stderr], cgroup: number | null, refusals)
Napi::Value SpawnCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  const PlanFromJs plan(reader, info[0]);
  Text launcher;
  SpawnOptions options;
  if (!reader.ok() || !reader.ReadText(info[1], "launcher", launcher) ||
      !ReadStdio(reader, info[2], options.stdio) || !ReadCgroup(reader, info[3], options.cgroup) ||
      !ReadRefusals(reader, info[4], options.refusals)) {
    return ToJs(info.Env(), reader.failedAt(), EINVAL);
  }
  options.launcher = launcher.data;
  Child child;
  if (const Failure failure = Spawn(plan.plan(), options, child)) {
    return ToJs(info.Env(), failure);
  }
  auto& [supervisor, children] = *info.Env().GetInstanceData<Instance>();
  children.Add(child);
  if (const Failure failure = supervisor.Watch(child, options.refusals)) {
    Abandon(child);
    children.Forget(child.pid);
    return ToJs(info.Env(), failure);
  }
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("pid", child.pid);
  object.Set("pidfd", child.pidfd);
  object.Set("status", child.status);
  object.Set("lifeline", child.lifeline);
  object.Set("step", child.step);
  object.Set("refusals", child.refusals);
  if (!HasField(object, "refusals")) {
    Abandon(child);
    children.Forget(child.pid);
    supervisor.Forget(child.pid);
  }
  return object;
}

// reap(pidfd): null while it runs, else {code, signal}
Napi::Value ReapCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  std::uint64_t pidfd = 0;
  if (!reader.ReadNumber(info[0], "pidfd", INT_MAX, pidfd)) return ToJs(info.Env(), "pidfd", EINVAL);
  Ending ending;
  if (const Failure failure = Reap(static_cast<int>(pidfd), ending)) return ToJs(info.Env(), failure);
  if (ending.running) return info.Env().Null();
  auto& [supervisor, children] = *info.Env().GetInstanceData<Instance>();
  children.Forget(ending.pid);
  supervisor.Forget(ending.pid);
  Napi::Object object = Napi::Object::New(info.Env());
  object.Set("code", ending.code);
  object.Set("signal", ending.signal);
  return object;
}

// signal(pidfd, number): null when sent
Napi::Value SignalCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  std::uint64_t pidfd = 0;
  std::uint64_t signal = 0;
  constexpr std::uint64_t kLastSignal = 64;
  if (!reader.ReadNumber(info[0], "pidfd", INT_MAX, pidfd) ||
      !reader.ReadNumber(info[1], "signal", kLastSignal, signal)) {
    return ToJs(info.Env(), reader.failedAt(), EINVAL);
  }
  const Failure failure = SendSignal(static_cast<int>(pidfd), static_cast<int>(signal));
  if (failure) return ToJs(info.Env(), failure);
  return info.Env().Null();
}

// hasProcesses(uid): boolean
Napi::Value HasProcessesCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  std::uint64_t uid = 0;
  // 0 would mean our own.
  if (!reader.ReadNumber(info[0], "uid", UINT32_MAX - 1, uid) || uid == 0)
    return ToJs(info.Env(), "uid", EINVAL);
  return Napi::Boolean::New(info.Env(), HasProcesses(static_cast<std::uint32_t>(uid)));
}

// isTerminal(fd): boolean
Napi::Value IsTerminalCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  std::uint64_t fd = 0;
  if (!reader.ReadNumber(info[0], "fd", INT_MAX, fd)) return ToJs(info.Env(), "fd", EINVAL);
  return Napi::Boolean::New(info.Env(), IsTerminal(static_cast<int>(fd)));
}

Napi::Value ExplainFilterCall(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), ExplainFilter());
}

// serverFilter(refusals)
Napi::Value ServerFilterCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  Refusals refusals{};
  if (!ReadRefusals(reader, info[0], refusals)) return ToJs(info.Env(), reader.failedAt(), EINVAL);
  const std::vector<FilterInstruction> filter = ServerFilter(refusals);
  const std::size_t size = filter.size() * sizeof(FilterInstruction);
  Napi::Uint8Array bytes = Napi::Uint8Array::New(info.Env(), size);
  if (size > 0) std::memcpy(bytes.Data(), filter.data(), size);
  return bytes;
}

// leave(code): does not return, but for a wrong argument
Napi::Value LeaveCall(const Napi::CallbackInfo& info) {
  JsReader reader(info.Env());
  std::uint64_t code = 0;
  constexpr std::uint64_t kMostCode = 255;
  if (!reader.ReadNumber(info[0], "code", kMostCode, code)) return ToJs(info.Env(), "code", EINVAL);
  std::_Exit(static_cast<int>(code));
}

}  // namespace

void ExportSandbox(Napi::Env env, Napi::Object exports) {
  env.SetInstanceData(new Instance);
  exports.Set("probe", Napi::Function::New(env, ProbeCall));
  exports.Set("writtenMs", Napi::Function::New(env, WrittenMsCall));
  exports.Set("stdioPipes", Napi::Function::New(env, StdioPipesCall));
  exports.Set("spawn", Napi::Function::New(env, SpawnCall));
  exports.Set("reap", Napi::Function::New(env, ReapCall));
  exports.Set("leave", Napi::Function::New(env, LeaveCall));
  exports.Set("isTerminal", Napi::Function::New(env, IsTerminalCall));
  exports.Set("hasProcesses", Napi::Function::New(env, HasProcessesCall));
  exports.Set("signal", Napi::Function::New(env, SignalCall));
  exports.Set("explainFilter", Napi::Function::New(env, ExplainFilterCall));
  exports.Set("serverFilter", Napi::Function::New(env, ServerFilterCall));
}

}  // namespace mcpo
