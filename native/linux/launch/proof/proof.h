// Asks the kernel, from inside, whether what was set up holds. What is found to be otherwise ends the
// process: nothing is executed. The answers go to the gateway, which compares
// them with the plan once more (lib/sandbox/proof.ts).
#pragma once

#include "../../../core/plan.h"

namespace mcpo {

// On the host, before the namespaces are made.
void RememberHost();

// Between Landlock and the filter, which would answer first: tries what only Landlock refuses.
void ProveLandlock(const Plan& plan);

// When every right is given up: the last thing before the server is executed. Needs /proc. Reports the proof
// as the "ready" record.
void CheckSelf(const Plan& plan);

}  // namespace mcpo
