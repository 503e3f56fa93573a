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

// In pid 1: what it has in common with the payload, the mounts and the network. How many mounts there are.
unsigned long CheckShared(const Plan& plan);

// In the payload, when every right is given up: the last thing before the server is executed. Needs /proc,
// and that pid 1 has found what they share as planned. Reports the proof as the "ready" record.
void CheckSelf(const Plan& plan);

}  // namespace mcpo
