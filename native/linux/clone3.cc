#include "clone3.h"

#include <sys/syscall.h>

#include <cerrno>

namespace mcpo {
namespace {

// The child comes back from the call on its new, empty stack: no line of C++ can be there to receive it. What
// it needs is in registers, which it has from its parent.
#if defined(__x86_64__)

long RawClone3(const CloneArguments& arguments, int (*run)(void*), void* argument) {
  long result;
  asm volatile(
      "syscall\n"
      "test %%rax, %%rax\n"
      "jnz 1f\n"
      "mov %[argument], %%rdi\n"
      "call *%[run]\n"
      "mov %%eax, %%edi\n"
      "mov %[exit], %%eax\n"
      "syscall\n"
      "ud2\n"
      "1:\n"
      : "=a"(result)
      : "a"(SYS_clone3), "D"(&arguments),
        "S"(sizeof arguments), [run] "r"(run), [argument] "r"(argument), [exit] "i"(SYS_exit)
      : "rcx", "r11", "cc", "memory");
  return result;
}

#elif defined(__aarch64__)

long RawClone3(const CloneArguments& arguments, int (*run)(void*), void* argument) {
  register long number asm("x8") = SYS_clone3;
  register long first asm("x0") = reinterpret_cast<long>(&arguments);
  register long second asm("x1") = sizeof arguments;
  asm volatile(
      "svc #0\n"
      "cbnz x0, 1f\n"
      "mov x0, %[argument]\n"
      "blr %[run]\n"
      "mov x8, %[exit]\n"
      "svc #0\n"
      "brk #1\n"
      "1:\n"
      : "+r"(first)
      : "r"(number), "r"(second), [run] "r"(run), [argument] "r"(argument), [exit] "i"(SYS_exit)
      : "cc", "memory");
  return first;
}

#else

long RawClone3(const CloneArguments&, int (*)(void*), void*) {
  return -ENOSYS;
}

#endif

}  // namespace

int Clone3(const CloneArguments& arguments, int (*run)(void*), void* argument) {
  const long result = RawClone3(arguments, run, argument);
  if (result >= 0) return static_cast<int>(result);
  errno = static_cast<int>(-result);
  return -1;
}

}  // namespace mcpo
