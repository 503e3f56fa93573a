#include "../core/plan_codec.h"

#include <cstring>
#include <random>
#include <vector>

#include "harness.h"
#include "plan_sample.h"

namespace mcpo {
namespace {

using test::Encoded;
using test::Sample;

PlanStorage storage;

bool Same(const Text& left, const Text& right) {
  return left.size == right.size && std::memcmp(left.data, right.data, left.size) == 0;
}

bool Decodes(const std::vector<std::uint8_t>& bytes) {
  // On the heap and of the exact size, so that the address sanitizer sees the first byte too many.
  const std::vector<std::uint8_t> exact(bytes);
  Plan plan;
  return DecodePlan(exact.data(), exact.size(), storage, plan);
}

}  // namespace

TEST("a plan comes out of the codec as it went in") {
  const Sample sample;
  const std::vector<std::uint8_t> bytes = Encoded(sample.plan);
  Plan plan;
  CHECK(DecodePlan(bytes.data(), bytes.size(), storage, plan));
  CHECK(Same(plan.hostname, sample.plan.hostname) && plan.hasHostUid && plan.hostUid == 61184);
  CHECK(!plan.userNamespace && !plan.shareNetwork);
  CHECK(plan.egress.enabled && plan.egress.ports.data[1] == 443 &&
        Same(plan.egress.routes.data[0], sample.routes[0]));
  CHECK(plan.root == RootKind::kHostReadOnly && plan.mounts.size == 2 && plan.dryRun);
  CHECK(plan.enteredPid == 4711);
  CHECK(Same(plan.mounts.data[0].content, sample.mounts[0].content) && plan.mounts.data[0].mode == 0644);
  CHECK(Same(plan.mounts.data[1].source, sample.mounts[1].source) && plan.mounts.data[1].idmap);
  CHECK(plan.landlock.enabled && plan.landlock.rules.data[0].access == 0x1234);
  const ResourceLimit& limit = plan.rlimits.data[0];
  CHECK(limit.resource == Resource::kNofile && limit.soft == 2048 && limit.hard == 4096);
  CHECK(plan.argv.size == 2 && Same(plan.argv.data[1], sample.argv[1]));
  CHECK(Same(plan.environment.data[0], sample.environment[0]) && Same(plan.cwd, sample.plan.cwd));
  CHECK(plan.serverFilter.data[1].operand == 59 && plan.initFilter.size == 1);
}

TEST("decoded texts are C strings inside the bytes") {
  const Sample sample;
  const std::vector<std::uint8_t> bytes = Encoded(sample.plan);
  Plan plan;
  CHECK(DecodePlan(bytes.data(), bytes.size(), storage, plan));
  const auto* at = reinterpret_cast<const std::uint8_t*>(plan.executable.data);
  CHECK(at > bytes.data() && at < bytes.data() + bytes.size());
  CHECK(std::strcmp(plan.executable.data, "/usr/bin/node") == 0);
}

TEST("a plan that is cut short anywhere is refused") {
  const std::vector<std::uint8_t> bytes = Encoded(Sample().plan);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK(!Decodes(std::vector<std::uint8_t>(bytes.begin(), bytes.begin() + static_cast<long>(size))));
  }
}

TEST("a plan with bytes left over is refused") {
  std::vector<std::uint8_t> bytes = Encoded(Sample().plan);
  CHECK(Decodes(bytes));
  bytes.push_back(0);
  CHECK(!Decodes(bytes));
}

TEST("a plan of another version is refused") {
  std::vector<std::uint8_t> bytes = Encoded(Sample().plan);
  ++bytes[4];
  CHECK(!Decodes(bytes));
}

TEST("a path with a NUL inside is not encoded, a file's content is") {
  Sample sample;
  CHECK(EncodedPlanSize(sample.plan) > 0);
  sample.mounts[1].source = {"/srv\0/data", 10};
  CHECK(EncodedPlanSize(sample.plan) == 0);
}

TEST("lists beyond their caps are not encoded") {
  Sample sample;
  std::vector<Text> many(kMaxArguments + 1);
  sample.plan.argv = {many.data(), kMaxArguments};
  CHECK(EncodedPlanSize(sample.plan) > 0);
  sample.plan.argv.size = kMaxArguments + 1;
  CHECK(EncodedPlanSize(sample.plan) == 0);
}

TEST("a plan without argv is refused") {
  Sample sample;
  sample.plan.argv.size = 0;
  CHECK(!Decodes(Encoded(sample.plan)));
}

TEST("flipped bytes never make the decoder read outside the plan") {
  const std::vector<std::uint8_t> bytes = Encoded(Sample().plan);
  std::mt19937 random(20261122);
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::uint8_t> changed = bytes;
    for (int flip = 0; flip < 3; ++flip)
      changed[random() % changed.size()] = static_cast<std::uint8_t>(random());
    Decodes(changed);
  }
  CHECK(true);
}

}  // namespace mcpo
