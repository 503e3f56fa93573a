#include "process_facts.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace mcpo {

bool ReadCpuTicks(const char* stat, CpuTicks& ticks) {
  // The name stands in brackets, and may hold brackets itself.
  const char* at = std::strrchr(stat, ')');
  if (at == nullptr) return false;
  // State and ten numbers stand between the name and the times.
  constexpr int kFieldsBefore = 11;
  for (int field = 0; field <= kFieldsBefore; ++field) {
    at = std::strchr(at + 1, ' ');
    if (at == nullptr) return false;
  }
  long long user = 0, system = 0, waitedUser = 0, waitedSystem = 0;
  if (std::sscanf(at, "%lld %lld %lld %lld", &user, &system, &waitedUser, &waitedSystem) != 4) return false;
  ticks = {user + system, waitedUser + waitedSystem};
  return true;
}

bool ReadKb(const char* text, const char* name, std::int64_t& kb) {
  const std::size_t length = std::strlen(name);
  for (const char* line = text; line != nullptr; line = std::strchr(line, '\n')) {
    if (*line == '\n') ++line;
    if (std::strncmp(line, name, length) != 0 || line[length] != ':') continue;
    kb = std::strtoll(line + length + 1, nullptr, 10);
    return true;
  }
  return false;
}

}  // namespace mcpo
