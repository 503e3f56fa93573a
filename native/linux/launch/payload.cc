#include "payload.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "../launch_fds.h"
#include "../syscalls.h"
#include "capabilities.h"
#include "init.h"
#include "landlock.h"
#include "layers.h"
#include "process.h"
#include "proof/proof.h"
#include "report.h"
#include "rlimits.h"
#include "seccomp.h"

namespace mcpo {
namespace {

// Pid 1 of this namespace is the parent; any other answer means that it is gone already.
void StayWithInit() {
  DieWithParent();
  if (layers::Has(Layer::kPidNamespace) && getppid() != 1) _exit(1);
}

// What leads to the gateway stays for the self-check and for a failing exec, and closes with a working one.
void CloseAllButReports() {
  if (!layers::Has(Layer::kClosedDescriptors)) return;
  static_assert(kStatusFd == kPlanFd + 1 && kFromInitFd == kStatusFd + 1 && kTellFd == kFromInitFd + 1);
  close(kPlanFd);
  Require(sys::CloseRange(kTellFd + 1, 0), "close-range");
  Require(sys::CloseRange(kStatusFd, sys::kCloseRangeCloexec), "close-range");
}

void ApplyCapabilities() {
  if (!layers::Has(Layer::kEmptyCapabilities)) return KeepCapabilities();
  LockCapabilities();
  // Without no_new_privs the kernel takes Landlock rules and filters only from who has CAP_SYS_ADMIN: in that
  // test build it is the exec that takes the capabilities away.
  if (layers::Has(Layer::kNoNewPrivs)) ClearCapabilities();
}

void GiveUpRights(const Plan& plan) {
  ApplyCapabilities();
  Require(chdir(plan.cwd.data), "cwd", plan.cwd.data);
  if (layers::Has(Layer::kNoNewPrivs)) SetNoNewPrivs();
  if (layers::Has(Layer::kLandlock) && plan.landlock.enabled) RestrictWithLandlock(plan.landlock);
  ProveLandlock(plan);
  CloseAllButReports();
  if (layers::Has(Layer::kSeccomp)) InstallServerFilter(plan.serverFilter);
}

// execve wants arrays that end with a null pointer.
char* const* AsArray(const List<Text>& texts, char** room) {
  std::uint32_t count = 0;
  for (const Text& text : texts) room[count++] = const_cast<char*>(text.data);
  room[count] = nullptr;
  return room;
}

[[noreturn]] void Execute(const Plan& plan) {
  static char* argv[kMaxArguments + 1];
  static char* environment[kMaxEnvironment + 1];
  execve(plan.executable.data, AsArray(plan.argv, argv), AsArray(plan.environment, environment));
  Fail("exec", plan.executable.data);
}

}  // namespace

void RunPayload(const Plan& plan, const Fd& fromInit) {
  StayWithInit();
  Require(dup3(fromInit.get(), kFromInitFd, O_CLOEXEC), "init", "pipe");
  Require(setsid(), "setsid");
  umask(022);
  ApplyLimits(plan.rlimits);
  GiveUpRights(plan);
  CheckSelf(plan);
  if (plan.dryRun) _exit(0);
  Execute(plan);
}

}  // namespace mcpo
