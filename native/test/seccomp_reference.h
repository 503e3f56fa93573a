// The server's policy once more, as straight code: what the compiled filters are compared with.
#pragma once

#include <linux/seccomp.h>

#include "../linux/seccomp/numbers.h"
#include "../linux/seccomp/policy.h"

namespace mcpo::test {

// What the filter of `arch` must answer to `call`. Shares with the compiler the lists of names, nothing else.
seccomp::Verdict Expected(seccomp::Arch arch, const seccomp_data& call);

}  // namespace mcpo::test
