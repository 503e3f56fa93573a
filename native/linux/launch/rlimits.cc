#include "rlimits.h"

#include <stdio.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>

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

// A host that allows less than the policy is no harm, but hard to find for whoever wonders.
void TellOfLess(const ResourceLimit& limit, rlim_t allowed) {
  if (limit.resource != Resource::kNofile && limit.resource != Resource::kNproc) return;
  char words[96];
  snprintf(words, sizeof words, "ulimit of this host: %llu instead of %llu",
           static_cast<unsigned long long>(allowed), static_cast<unsigned long long>(limit.hard));
  errno = 0;
  Note(limit.resource == Resource::kNofile ? "the server may open fewer files"
                                           : "the server may start fewer processes",
       words);
}

}  // namespace

void ApplyLimits(const List<ResourceLimit>& limits) {
  for (const ResourceLimit& limit : limits) {
    const Limit& known = kLimits[static_cast<std::size_t>(limit.resource)];
    rlimit current{};
    Require(getrlimit(known.number, &current), "rlimit", known.name);
    if (current.rlim_max < limit.hard) TellOfLess(limit, current.rlim_max);
    const rlim_t hard = std::min<rlim_t>(limit.hard, current.rlim_max);
    const rlimit lowered{std::min<rlim_t>(limit.soft, hard), hard};
    Require(setrlimit(known.number, &lowered), "rlimit", known.name);
  }
}

}  // namespace mcpo
