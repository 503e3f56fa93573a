#include "capabilities.h"

#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "report.h"

namespace mcpo {
namespace {

// KEEP_CAPS itself must be off, and its lock says that it stays so.
constexpr unsigned long kLockedBits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                      SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
                                      SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
// Far above the last capability of any kernel (40 in 6.18): the kernel ends the loops below by EINVAL.
constexpr unsigned long kCapabilityBound = 64;

void SetCapabilities(const __user_cap_data_struct (&sets)[2]) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Require(static_cast<int>(syscall(SYS_capset, &header, sets)), "capabilities", "capset");
}

}  // namespace

void LockCapabilities() {
  static bool locked = false;
  if (locked) return;
  for (unsigned long capability = 0; capability < kCapabilityBound; ++capability) {
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) break;
    Fail("capabilities", "bounding set");
  }
  Require(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "capabilities", "ambient set");
  Require(prctl(PR_SET_SECUREBITS, kLockedBits, 0, 0, 0), "capabilities", "securebits");
  locked = true;
}

void ClearCapabilities() {
  const __user_cap_data_struct none[2] = {};
  SetCapabilities(none);
}

void KeepOnlyCapabilities(std::uint64_t kept) {
  __user_cap_data_struct sets[2] = {};
  for (int half = 0; half < 2; ++half) {
    sets[half].permitted = sets[half].effective = static_cast<std::uint32_t>(kept >> (32 * half));
  }
  SetCapabilities(sets);
}

void KeepCapabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2] = {};
  Require(static_cast<int>(syscall(SYS_capget, &header, sets)), "capabilities", "capget");
  for (auto& set : sets) set.inheritable = set.permitted;
  SetCapabilities(sets);
  for (unsigned long capability = 0; capability < kCapabilityBound; ++capability) {
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
  }
}

void SetNoNewPrivs() {
  Require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no-new-privs");
}

}  // namespace mcpo
