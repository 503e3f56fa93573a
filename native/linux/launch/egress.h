// The server's way out: sockets that listen in its network namespace and are served by the gateway, which is
// outside. A socket belongs for life to the namespace in which it was made.
#pragma once

#include "../../core/plan.h"

namespace mcpo {

// Makes them and sends them to the gateway, in this order: name look-up (UDP 127.0.0.1:53), HTTP proxy
// (127.0.0.1:3128), SOCKS proxy (127.0.0.1:1080), then each port of the plan on all addresses. They are
// closed here. Needs loopback, and CAP_NET_ADMIN and CAP_NET_BIND_SERVICE in the namespace.
void OpenEgress(const EgressPlan& egress);

}  // namespace mcpo
