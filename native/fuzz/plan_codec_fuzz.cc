// The launcher's input, whoever wrote it: never read outside, and what is taken means the same when written
// again.
#include "../core/plan_codec.h"
#include "../test/plan_sample.h"
#include "seed.h"

namespace {

mcpo::PlanStorage storage;
mcpo::PlanStorage again;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  mcpo::fuzz::WriteSeed("sample", mcpo::test::Encoded(mcpo::test::Sample().plan));
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  mcpo::Plan plan;
  if (!mcpo::DecodePlan(data, size, storage, plan)) return 0;
  const std::vector<std::uint8_t> written = mcpo::test::Encoded(plan);
  mcpo::fuzz::Demand(!written.empty(), "a plan that was decoded can be encoded");
  mcpo::Plan second;
  mcpo::fuzz::Demand(mcpo::DecodePlan(written.data(), written.size(), again, second),
                     "and decoded once more");
  mcpo::fuzz::Demand(mcpo::test::Encoded(second) == written, "to the same bytes");
  return 0;
}
