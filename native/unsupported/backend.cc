// Where no sandbox exists yet: the framer works, every sandbox call says that it cannot be done.
#include "../core/backend.h"

#include <cerrno>

namespace mcpo {
namespace {
constexpr Failure kUnsupported{"unsupported-platform", ENOSYS};
}

Probe ProbeHost() {
  Probe probe;
  probe.kernel = "unsupported";
  return probe;
}

Failure MakeStdioPipes(const std::uint32_t*, StdioPipes&) {
  return kUnsupported;
}

Failure Spawn(Plan, const SpawnOptions&, Child&) {
  return kUnsupported;
}

void Abandon(const StdioPipes&) {}

void Abandon(const Child&) {}

void EndAndClose(int) {}

Failure Reap(int, Ending&) {
  return kUnsupported;
}

Failure SendSignal(int, int) {
  return kUnsupported;
}

Failure OpenLocked(const char*, bool, int&) {
  return kUnsupported;
}

bool HasProcesses(std::uint32_t) {
  return false;
}

bool IsMarkedDelegated(const char*) {
  return false;
}

class Supervisor::Thread {};

Supervisor::Supervisor() = default;
Supervisor::~Supervisor() = default;

Failure Supervisor::Watch(Child&, Refusals) {
  return kUnsupported;
}

void Supervisor::Forget(int) {}

std::vector<FilterInstruction> ServerFilter(Refusals) {
  return {};
}

std::string ExplainFilter() {
  return {};
}

}  // namespace mcpo
