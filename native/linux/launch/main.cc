// mcpo-launch: becomes one server's sandbox. Started by mcp_one.node with the descriptors of launch_fds.h and
// an empty environment; not for use by hand. Three processes tell its story:
//
//   outer    (outer.cc)    on the host: opens what needs root, makes the namespaces, waits.
//   pid 1    (inside.cc)   in the namespaces: builds the root directory, starts the payload, then reaps and
//                          watches (init.cc)
//   payload  (payload.cc)  gives up every right, checks that they are gone, executes the server.
//
// For a container, which its engine builds, it only makes the listeners of a way out (enter.cc); with
// the argument "hold" it is the program of a container that only holds a network.
#include <string.h>

#include "enter.h"
#include "outer.h"
#include "process.h"
#include "read_plan.h"

int main(int count, char** arguments) {
  if (count == 2 && strcmp(arguments[1], "hold") == 0) mcpo::HoldNamespaces();
  mcpo::StartClean();
  const mcpo::Plan& plan = mcpo::ReadPlan();
  return plan.enteredPid == 0 ? mcpo::RunOuter(plan) : mcpo::RunEntered(plan);
}
