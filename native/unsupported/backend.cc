// Where no sandbox exists yet: the framer works, every sandbox call says that it cannot be done.
#include "../core/backend.h"

#include <sys/stat.h>

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

double WrittenMs(const char* path) {
  struct stat facts{};
  return stat(path, &facts) == 0 ? static_cast<double>(facts.st_mtime) * 1000 : -1;
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

// Nothing asks where nothing is started.
bool IsTerminal(int) {
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
