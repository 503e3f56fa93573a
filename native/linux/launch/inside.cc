#include "inside.h"

#include <unistd.h>

#include <cerrno>

#include "../fd.h"
#include "counts.h"
#include "ids.h"
#include "init.h"
#include "layers.h"
#include "mounts.h"
#include "network.h"
#include "payload.h"
#include "process.h"
#include "report.h"
#include "root.h"

namespace mcpo {
namespace {

void WaitForIds(int outer) {
  char byte = 0;
  // Without an answer the outer process is gone, and has said why.
  if (read(outer, &byte, 1) != 1) _exit(1);
}

void BuildRoot(const Plan& plan) {
  const NewRoot made = MakeRoot(plan.root);
  RunMounts(plan, made);
  EnterRoot(made, plan.root);
}

}  // namespace

void RunInside(const Plan& plan, int outer) {
  DieWithParent();
  WaitForIds(outer);
  BecomeInsideId();
  DieWithParent();
  HideFromPeers();
  LimitSharedCounts();
  BuildRoot(plan);
  Require(sethostname(plan.hostname.data, plan.hostname.size), "hostname");
  // The host's NIS domain came along into the new namespace; this is what one that has none says.
  Require(setdomainname("(none)", 6), "hostname");
  if (layers::kNetworkNamespace && !plan.shareNetwork) BringLoopbackUp();
  const pid_t payload = Require(fork(), "fork");
  if (payload == 0) RunPayload(plan);
  RunInit(plan, payload, outer);
}

}  // namespace mcpo
