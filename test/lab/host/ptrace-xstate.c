// Preloaded into User Mode Linux (uml.ts). It gives a process's vector registers back in a buffer of 2.7 KB,
// and a host kernel takes nothing but a whole one: where the processor has AMX that is 11 KB, and every guest
// ends with "ptrace set fp regs failed, errno = 14" Here what is missing is filled up with what the process
// has.
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

typedef long (*ptrace_call)(enum __ptrace_request, pid_t, void*, void*);

static ptrace_call of_libc;
// Not on the stack: a guest kernel's is small. Nobody else is there, it has one thread.
static char registers[64 * 1024];

__attribute__((constructor)) static void find_ptrace(void) {
  of_libc = (ptrace_call)dlsym(RTLD_NEXT, "ptrace");
}

static long set_whole(pid_t pid, const struct iovec* given) {
  struct iovec whole = {.iov_base = registers, .iov_len = sizeof registers};
  if (of_libc(PTRACE_GETREGSET, pid, (void*)NT_X86_XSTATE, &whole) < 0) return -1;
  memcpy(registers, given->iov_base, given->iov_len < whole.iov_len ? given->iov_len : whole.iov_len);
  return of_libc(PTRACE_SETREGSET, pid, (void*)NT_X86_XSTATE, &whole);
}

long ptrace(enum __ptrace_request request, ...) {
  va_list rest;
  va_start(rest, request);
  const pid_t pid = va_arg(rest, pid_t);
  void* const address = va_arg(rest, void*);
  void* const data = va_arg(rest, void*);
  va_end(rest);
  if (request == PTRACE_SETREGSET && address == (void*)NT_X86_XSTATE) return set_whole(pid, data);
  return of_libc(request, pid, address, data);
}
