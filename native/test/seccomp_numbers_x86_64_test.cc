// syscalls.def against the kernel headers of x86-64. Only this file includes them: both architectures use the
// same names.
#ifdef __x86_64__
#include <asm/unistd.h>

#include "seccomp_numbers.h"

#define X(name, x86_64, aarch64) {#name, x86_64, MCPO_TEXT(__NR_##name)},
static constexpr mcpo::test::NumberInHeader kNumbers[] = {
#include "../linux/seccomp/syscalls.def"
};

TEST("seccomp: the numbers of x86-64 are those of the kernel headers") {
  mcpo::test::CheckNumbers(kNumbers, 330);
}
#endif
