#include "rlimits.h"

#include <sys/resource.h>

#include <algorithm>

#include "report.h"

namespace mcpo {
namespace {

struct Limit {
  decltype(RLIMIT_CORE) number;
  const char* name;
};

// In the order of enum Resource.
constexpr Limit kLimits[] = {
    {RLIMIT_CORE, "core"},         {RLIMIT_NPROC, "nproc"},
    {RLIMIT_NOFILE, "nofile"},     {RLIMIT_SIGPENDING, "sigpending"},
    {RLIMIT_MSGQUEUE, "msgqueue"}, {RLIMIT_MEMLOCK, "memlock"},
    {RLIMIT_FSIZE, "fsize"},       {RLIMIT_NICE, "nice"},
    {RLIMIT_RTPRIO, "rtprio"},     {RLIMIT_DATA, "data"},
    {RLIMIT_STACK, "stack"},
};
static_assert(sizeof kLimits / sizeof kLimits[0] == static_cast<std::size_t>(Resource::kCount));

}  // namespace

void ApplyLimits(const List<ResourceLimit>& limits) {
  for (const ResourceLimit& limit : limits) {
    const Limit& known = kLimits[static_cast<std::size_t>(limit.resource)];
    rlimit current{};
    Require(getrlimit(known.number, &current), "rlimit", known.name);
    const rlim_t hard = std::min<rlim_t>(limit.hard, current.rlim_max);
    const rlimit lowered{std::min<rlim_t>(limit.soft, hard), hard};
    Require(setrlimit(known.number, &lowered), "rlimit", known.name);
  }
}

}  // namespace mcpo
