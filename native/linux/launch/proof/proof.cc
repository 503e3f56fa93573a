#include "proof.h"

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

void CheckSelf(const Plan& plan) {
  Facts facts;
  if (!layers::Has(Layer::kSelfCheck)) return ReportReady(facts.text());
  CheckStatus(plan, facts);
  CheckMounts(plan, facts);
  CheckDescriptors(facts);
  CheckNamespaces(plan, facts);
  AddLandlock(facts);
  TryForbiddenActs(plan, facts);
  ReportReady(facts.text());
}

}  // namespace mcpo
