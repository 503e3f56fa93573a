// System call names and numbers, per architecture.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace mcpo::seccomp {

enum class Arch { kX86_64, kAarch64 };

#if defined(__x86_64__) && !defined(__ILP32__)
inline constexpr Arch kHostArch = Arch::kX86_64;
#elif defined(__aarch64__)
inline constexpr Arch kHostArch = Arch::kAarch64;
#else
#error "no system call numbers for this architecture: add a column to syscalls.def"
#endif

struct Syscall {
  std::string_view name;
  int32_t x86_64;  // -1: not on this architecture
  int32_t aarch64;
};

// Sorted by name.
std::span<const Syscall> Syscalls();

// Nothing for a name that the architecture does not have, or that syscalls.def does not know.
std::optional<uint32_t> NumberOf(std::string_view name, Arch arch);

// The AUDIT_ARCH_ value that seccomp_data.arch carries for native calls.
uint32_t AuditArch(Arch arch);

}  // namespace mcpo::seccomp
