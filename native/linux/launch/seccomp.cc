#include "seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "report.h"

namespace mcpo {

static_assert(sizeof(FilterInstruction) == sizeof(sock_filter) &&
              alignof(FilterInstruction) == alignof(sock_filter));

void InstallFilter(const List<FilterInstruction>& filter) {
  if (filter.size == 0) FailWith("seccomp", EINVAL, "empty filter");
  sock_fprog program{};
  program.len = static_cast<unsigned short>(filter.size);
  program.filter = reinterpret_cast<sock_filter*>(filter.data);
  Require(static_cast<int>(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0u, &program)), "seccomp");
}

}  // namespace mcpo
