// What is known of the host from before the namespaces were made.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "../../../core/plan.h"
#include "facts.h"

namespace mcpo {

inline constexpr const char* kNamespaces[] = {"user", "mnt", "pid", "ipc", "uts", "cgroup", "net"};
inline constexpr int kNamespaceCount = 7;

struct Host {
  uid_t uid;
  gid_t gid;
  // Somebody else's system call filter is in force here.
  bool isFiltered;
  // Inode numbers, which name namespaces.
  std::uint64_t namespaces[kNamespaceCount];
};
extern Host host;

// No network device is up but loopback.
void CheckDevices();

// Every namespace is another one than the host's, but the network where the plan shares it; and this is the
// first child of its pid namespace.
void CheckNamespaces(const Plan& plan, Facts& facts);

}  // namespace mcpo
