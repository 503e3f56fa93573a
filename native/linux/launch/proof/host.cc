#include "host.h"

#include <linux/seccomp.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../fd.h"
#include "../report.h"
#include "proof.h"
#include "read_file.h"

namespace mcpo {

Host host;

namespace {

constexpr std::size_t kDevicesBytes = 8192;

std::uint64_t NamespaceInode(const char* name) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/ns/%s", name);
  struct stat facts{};
  Require(stat(path, &facts), "self-check", path);
  return facts.st_ino;
}

bool MustDiffer(const Plan& plan, const char* name) {
  if (strcmp(name, "user") == 0) return plan.userNamespace;
  if (strcmp(name, "net") == 0) return !plan.shareNetwork;
  return true;
}

bool IsUp(int socket, const char* device) {
  ifreq request{};
  if (strlen(device) >= sizeof request.ifr_name) Mismatch("network device", device);
  strcpy(request.ifr_name, device);
  Require(ioctl(socket, SIOCGIFFLAGS, &request), "self-check", device);
  return (request.ifr_flags & IFF_UP) != 0;
}

// Modules for tunnels give each new namespace a device of theirs (tunl0, sit0), which is down, and stays so.
void CheckDevice(int socket, char* line) {
  char* const name = line + strspn(line, " ");
  char* const end = strchr(name, ':');
  if (end == nullptr) Mismatch("network device", line);
  *end = 0;
  if (strcmp(name, "lo") != 0 && IsUp(socket, name)) Mismatch("network device", name);
}

}  // namespace

// Two heading lines, then a device each: `  name: counters`.
void CheckDevices() {
  char devices[kDevicesBytes];
  ReadSmallFile("/proc/self/net/dev", devices, sizeof devices);
  const Fd socket(Require(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "self-check", "socket"));
  int line = 0;
  for (char* at = devices; *at != 0; ++line) {
    char* const end = strchrnul(at, '\n');
    const bool isLast = *end == 0;
    *end = 0;
    if (line >= 2) CheckDevice(socket.get(), at);
    at = isLast ? end : end + 1;
  }
}

void RememberHost() {
  host.uid = getuid();
  host.gid = getgid();
  host.isFiltered = prctl(PR_GET_SECCOMP) == SECCOMP_MODE_FILTER;
  for (int index = 0; index < kNamespaceCount; ++index) {
    host.namespaces[index] = NamespaceInode(kNamespaces[index]);
  }
}

void CheckNamespaces(const Plan& plan, Facts& facts) {
  if (getppid() != 1) Mismatch("pid namespace", "pid 1 is not the parent");
  char own[64] = "";
  for (int index = 0; index < kNamespaceCount; ++index) {
    const char* const name = kNamespaces[index];
    const bool differs = NamespaceInode(name) != host.namespaces[index];
    if (!differs && MustDiffer(plan, name)) Mismatch("namespace of the host", name);
    if (!differs) continue;
    if (own[0] != 0) strcat(own, " ");
    strcat(own, name);
  }
  facts.Add("namespaces", own);
}

}  // namespace mcpo
