// syscalls.def against the generic kernel headers, whose numbers aarch64 uses; they are there on every
// architecture.
#define __BITS_PER_LONG 64
#define __ARCH_WANT_RENAMEAT
#define __ARCH_WANT_NEW_STAT
#define __ARCH_WANT_SET_GET_RLIMIT
#define __ARCH_WANT_SYS_CLONE3
#define __ARCH_WANT_MEMFD_SECRET
#include <asm-generic/unistd.h>

#include "seccomp_numbers.h"

#define X(name, x86_64, aarch64) {#name, aarch64, MCPO_TEXT(__NR_##name)},
static constexpr mcpo::test::NumberInHeader kNumbers[] = {
#include "../linux/seccomp/syscalls.def"
};

TEST("seccomp: the numbers of aarch64 are those of the kernel headers") {
  mcpo::test::CheckNumbers(kNumbers, 280);
}
