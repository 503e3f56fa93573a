#include "inside.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "../fd.h"
#include "capabilities.h"
#include "counts.h"
#include "egress.h"
#include "helper.h"
#include "ids.h"
#include "init.h"
#include "keyring.h"
#include "layers.h"
#include "mounts.h"
#include "network.h"
#include "payload.h"
#include "process.h"
#include "report.h"
#include "root.h"

namespace mcpo {
namespace {

void WaitForOuter(int outer) {
  char byte = 0;
  // Without an answer the outer process is gone, and has said why.
  if (read(outer, &byte, 1) != 1) _exit(1);
}

// A change of ids takes away the signal of the parent's death.
void BecomeServer(const Plan& plan, int outer) {
  if (!plan.userNamespace) BecomeBuilder(plan.hostUid);
  WaitForOuter(outer);
  if (plan.userNamespace) BecomeInsideId();
}

void BuildRoot(const Plan& plan) {
  const NewRoot made = MakeRoot(plan.root);
  RunMounts(plan, made);
  EnterRoot(made, plan.root);
}

void NameHost(const Text& name) {
  Require(sethostname(name.data, name.size), "hostname");
  // The host's NIS domain came along into the new namespace; this is what one that has none says.
  Require(setdomainname("(none)", 6), "hostname");
}

void PrepareNetwork(const Plan& plan, int outer) {
  if (HasHelper(plan)) return TakeHelp(outer);
  if (layers::Has(Layer::kNetworkNamespace) && !plan.shareNetwork) BringLoopbackUp();
}

}  // namespace

void RunInside(const Plan& plan, int outer) {
  DieWithParent();
  // Those that are held stay for now. For the payload too, and while the outer process writes the maps. (On
  // the host's own ids they are kept over a change of them by a bit that this locks.)
  if (plan.userNamespace && layers::Has(Layer::kEmptyCapabilities)) LockCapabilities();
  BecomeServer(plan, outer);
  DieWithParent();
  HideFromPeers();
  // A uid of the host's own has counts of its own.
  if (plan.userNamespace && !HasHelper(plan)) LimitCounts();
  LeaveSessionKeyring();
  BuildRoot(plan);
  if (layers::Has(Layer::kUtsNamespace)) NameHost(plan.hostname);
  PrepareNetwork(plan, outer);
  if (plan.egress.enabled) OpenEgress(plan.egress);
  // Rights over the host these would be, where they are not those of a user namespace.
  if (!plan.userNamespace) KeepOnlyCapabilities(kToGiveUp);
  // Nothing of the server runs before.
  WaitForOuter(outer);
  int ends[2];
  Require(pipe2(ends, O_CLOEXEC), "fork", "pipe");
  const Fd fromInit(ends[0]);
  const Fd toPayload(ends[1]);
  const pid_t payload = Require(fork(), "fork");
  if (payload == 0) RunPayload(plan, fromInit);
  RunInit(plan, payload, outer, toPayload);
}

}  // namespace mcpo
