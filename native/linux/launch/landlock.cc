#include "landlock.h"

#include <sys/stat.h>

#include <cerrno>

#include "../fd.h"
#include "../syscalls.h"
#include "report.h"

namespace mcpo {
namespace {

struct RulesetAttributes {
  std::uint64_t handledFs;
  std::uint64_t handledNet;
  std::uint64_t scoped;
};
// A kernel before ABI 6 takes the bytes that it does not know for a mistake when they are not 0; one before
// ABI 4 knows only the first eight.
constexpr std::size_t kFsOnly = sizeof(std::uint64_t);

// The kernel packs it: no padding after `allowed`.
struct [[gnu::packed]] PathBeneath {
  std::uint64_t allowed;
  std::int32_t parent;
};
constexpr int kRulePathBeneath = 1;

// What may be allowed on something that is not a folder: execute, write, read, truncate, ioctl on a device.
constexpr std::uint64_t kFileAccess = 1u << 0 | 1u << 1 | 1u << 2 | 1u << 14 | 1u << 15;

void AddRule(int ruleset, const LandlockRule& rule) {
  const Fd path(open(rule.path.data, O_PATH | O_CLOEXEC));
  // What is not there, or cannot be reached, needs no permission.
  if (!path && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)) return;
  Require(path.get(), "landlock", rule.path.data);
  struct stat facts{};
  Require(fstat(path.get(), &facts), "landlock", rule.path.data);
  const std::uint64_t allowed = S_ISDIR(facts.st_mode) ? rule.access : rule.access & kFileAccess;
  if (allowed == 0) return;
  const PathBeneath beneath{allowed, path.get()};
  Require(static_cast<int>(syscall(sys::kLandlockAddRule, ruleset, kRulePathBeneath, &beneath, 0u)),
          "landlock", rule.path.data);
}

}  // namespace

void RestrictWithLandlock(const LandlockPlan& landlock) {
  const RulesetAttributes attributes{landlock.handledFs, 0, landlock.scoped};
  const std::size_t size = landlock.scoped == 0 ? kFsOnly : sizeof attributes;
  const Fd ruleset(Require(static_cast<int>(syscall(sys::kLandlockCreateRuleset, &attributes, size, 0u)),
                           "landlock", "ruleset"));
  for (const LandlockRule& rule : landlock.rules) AddRule(ruleset.get(), rule);
  Require(static_cast<int>(syscall(sys::kLandlockRestrictSelf, ruleset.get(), 0u)), "landlock", "restrict");
}

}  // namespace mcpo
