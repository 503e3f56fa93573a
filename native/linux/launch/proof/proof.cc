#include "proof.h"

#include <unistd.h>

#include "../init.h"
#include "../layers.h"
#include "../report.h"
#include "acts.h"
#include "descriptors.h"
#include "facts.h"
#include "host.h"
#include "landlock.h"
#include "mounts.h"
#include "status.h"

namespace mcpo {
namespace {

// From pid 1, which ends everything where something is not as planned.
unsigned long HearOfMounts() {
  unsigned long mounts = 0;
  if (read(kFromInitFd, &mounts, sizeof mounts) != sizeof mounts) _exit(1);
  close(kFromInitFd);
  return mounts;
}

}  // namespace

unsigned long CheckShared(const Plan& plan) {
  if (!layers::Has(Layer::kSelfCheck)) return 0;
  if (!plan.shareNetwork) CheckDevices();
  return CheckMounts(plan);
}

void CheckSelf(const Plan& plan) {
  Facts facts;
  if (!layers::Has(Layer::kSelfCheck)) {
    HearOfMounts();
    return ReportReady(facts.text());
  }
  CheckStatus(plan, facts);
  CheckRoot();
  CheckNamespaces(plan, facts);
  AddLandlock(facts);
  TryForbiddenActs(plan, facts);
  facts.AddNumber("mounts", HearOfMounts());
  CheckDescriptors(facts);
  ReportReady(facts.text());
}

}  // namespace mcpo
