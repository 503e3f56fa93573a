#include "counts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <cerrno>

#include "../fd.h"
#include "ids.h"
#include "layers.h"
#include "report.h"

namespace mcpo {
namespace {

struct Count {
  const char* file;
  const char* most;
};

// Usual hosts let a user have 128 instances, one for each program that watches files, and watches by the ten
// thousand (a kilobyte of kernel memory each).
constexpr Count kCounts[] = {{"/proc/sys/user/max_inotify_instances", "32"},
                             {"/proc/sys/user/max_inotify_watches", "65536"}};

// Each would give its maker all capabilities over what most defects of the kernel are in. The filter refuses
// it as well.
constexpr Count kNamespaces = {"/proc/sys/user/max_user_namespaces", "0"};

// The files are those of whoever opens them: in the host's own namespace they would be the limits of all
// users.
bool IsInOwnUserNamespace() {
  const Fd map(Require(open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC), "counts", "/proc/self/uid_map"));
  char text[64] = "";
  Require(static_cast<int>(read(map.get(), text, sizeof text - 1)), "counts", "/proc/self/uid_map");
  return strtoul(text, nullptr, 10) == InsideId();
}

bool Write(const Count& count) {
  const Fd file(open(count.file, O_WRONLY | O_CLOEXEC));
  return file && write(file.get(), count.most, strlen(count.most)) > 0;
}

}  // namespace

void LimitCounts() {
  if (!IsInOwnUserNamespace()) return;
  if (layers::Has(Layer::kNoMoreNamespaces) && !Write(kNamespaces))
    Note("the filter alone keeps the server from making user namespaces", kNamespaces.file);
  for (const Count& count : kCounts) {
    if (!Write(count)) return Note("the server can use up the file watches of its user", count.file);
  }
}

}  // namespace mcpo
