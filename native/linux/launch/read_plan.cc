#include "read_plan.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "../../core/plan_codec.h"
#include "../launch_fds.h"
#include "../syscalls.h"
#include "report.h"

namespace mcpo {
namespace {

constexpr int kSealed = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

// Raw, because constructing entries that no plan has would touch a hundred pages at each start; decoding
// writes each field of those that there are.
alignas(PlanStorage) std::byte room[sizeof(PlanStorage)];
Plan plan;
void* mapping = nullptr;
std::size_t mappedBytes = 0;

}  // namespace

const Plan& ReadPlan() {
  struct stat facts{};
  Require(fstat(kPlanFd, &facts), "plan");
  const int seals = Require(fcntl(kPlanFd, F_GET_SEALS), "plan", "not a memfd");
  if ((seals & kSealed) != kSealed) FailWith("plan", EPERM, "not sealed");
  if (facts.st_size <= 0 || static_cast<std::size_t>(facts.st_size) > kMaxPlanBytes) {
    FailWith("plan", EMSGSIZE);
  }
  mappedBytes = static_cast<std::size_t>(facts.st_size);
  mapping = mmap(nullptr, mappedBytes, PROT_READ, MAP_PRIVATE, kPlanFd, 0);
  if (mapping == MAP_FAILED) Fail("plan", "mmap");
  close(kPlanFd);
  PlanStorage& storage = *reinterpret_cast<PlanStorage*>(room);
  if (!DecodePlan(static_cast<const std::uint8_t*>(mapping), mappedBytes, storage, plan)) {
    FailWith("plan", EBADMSG, "mcpo-launch and mcp_one.node are not of one build");
  }
  return plan;
}

void ForgetPlan() {
  munmap(mapping, mappedBytes);
  plan = Plan{};
}

}  // namespace mcpo
