#include "numbers.h"

#include <linux/audit.h>

#include <algorithm>
#include <iterator>

namespace mcpo::seccomp {
namespace {

#define X(name, x86_64, aarch64) {#name, x86_64, aarch64},
constexpr Syscall kSyscalls[] = {
#include "syscalls.def"
};
#undef X

}  // namespace

std::span<const Syscall> Syscalls() {
  return kSyscalls;
}

std::optional<uint32_t> NumberOf(std::string_view name, Arch arch) {
  const auto* found = std::ranges::lower_bound(kSyscalls, name, {}, &Syscall::name);
  if (found == std::end(kSyscalls) || found->name != name) return std::nullopt;
  const int32_t number = arch == Arch::kX86_64 ? found->x86_64 : found->aarch64;
  if (number < 0) return std::nullopt;
  return static_cast<uint32_t>(number);
}

uint32_t AuditArch(Arch arch) {
  return arch == Arch::kX86_64 ? AUDIT_ARCH_X86_64 : AUDIT_ARCH_AARCH64;
}

}  // namespace mcpo::seccomp
