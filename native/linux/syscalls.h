// System calls that the C libraries of the hosts we build on do not all wrap, with the few constants they
// need: the mount interface (Linux 5.2 to 5.12), openat2 (5.6), pidfd (5.3), close_range (5.9), Landlock
// (5.13).
#pragma once

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace mcpo::sys {

// One number on every architecture: they were added after the tables were unified.
inline constexpr long kOpenTree = 428;
inline constexpr long kMoveMount = 429;
inline constexpr long kFsOpen = 430;
inline constexpr long kFsConfig = 431;
inline constexpr long kFsMount = 432;
inline constexpr long kPidfdSendSignal = 424;
inline constexpr long kPidfdOpen = 434;
inline constexpr long kCloseRange = 436;
inline constexpr long kOpenat2 = 437;
inline constexpr long kFaccessat2 = 439;
inline constexpr long kMountSetattr = 442;
inline constexpr long kLandlockCreateRuleset = 444;
inline constexpr long kLandlockAddRule = 445;
inline constexpr long kLandlockRestrictSelf = 446;

inline constexpr unsigned kOpenTreeClone = 1;
inline constexpr unsigned kRecursive = 0x8000;
inline constexpr unsigned kEmptyPath = 0x1000;
inline constexpr unsigned kMoveFromEmptyPath = 0x4;
inline constexpr unsigned kMoveToEmptyPath = 0x40;
inline constexpr unsigned kCloseRangeCloexec = 4;

inline constexpr std::uint64_t kMountReadOnly = 0x1;
inline constexpr std::uint64_t kMountNoSuid = 0x2;
inline constexpr std::uint64_t kMountNoDev = 0x4;
inline constexpr std::uint64_t kMountNoExec = 0x8;
inline constexpr std::uint64_t kMountIdmap = 0x100000;

inline constexpr std::uint64_t kResolveNoMagicLinks = 0x02;
inline constexpr std::uint64_t kResolveNoSymlinks = 0x04;
inline constexpr std::uint64_t kResolveInRoot = 0x10;

struct OpenHow {
  std::uint64_t flags;
  std::uint64_t mode;
  std::uint64_t resolve;
};

struct MountAttributes {
  std::uint64_t set;
  std::uint64_t clear;
  std::uint64_t propagation;
  std::uint64_t userNamespace;
};

inline int OpenAt2(int folder, const char* path, int flags, std::uint64_t resolve) {
  const OpenHow how{static_cast<std::uint64_t>(flags), 0, resolve};
  return static_cast<int>(syscall(kOpenat2, folder, path, &how, sizeof how));
}

// A copy of the mounts at `path` below `folder`, attached nowhere yet.
inline int OpenTree(int folder, const char* path, unsigned flags) {
  return static_cast<int>(syscall(kOpenTree, folder, path, flags | kOpenTreeClone | unsigned{O_CLOEXEC}));
}

inline int MoveMount(int tree, int targetFolder, const char* target, unsigned flags) {
  return static_cast<int>(syscall(kMoveMount, tree, "", targetFolder, target, flags | kMoveFromEmptyPath));
}

inline int MountSetattr(int tree, unsigned flags, const MountAttributes& attributes) {
  return static_cast<int>(
      syscall(kMountSetattr, tree, "", flags | kEmptyPath, &attributes, sizeof attributes));
}

inline int FsOpen(const char* type) {
  return static_cast<int>(syscall(kFsOpen, type, 1u /* cloexec */));
}

inline int FsSetString(int context, const char* key, const char* value) {
  return static_cast<int>(syscall(kFsConfig, context, 1u /* set string */, key, value, 0));
}

inline int FsCreate(int context) {
  return static_cast<int>(syscall(kFsConfig, context, 6u /* create */, nullptr, nullptr, 0));
}

inline int FsMount(int context, std::uint64_t attributes) {
  return static_cast<int>(syscall(kFsMount, context, 1u /* cloexec */, static_cast<unsigned>(attributes)));
}

// With the rights of who asks now: fsuid, fsgid and effective capabilities.
inline int AccessOf(int fd, int mode) {
  return static_cast<int>(syscall(kFaccessat2, fd, "", mode, kEmptyPath | unsigned{AT_EACCESS}));
}

inline int CloseRange(unsigned first, unsigned flags) {
  return static_cast<int>(syscall(kCloseRange, first, ~0u, flags));
}

inline int PidfdOpen(int pid) {
  return static_cast<int>(syscall(kPidfdOpen, pid, 0u));
}

inline int PidfdSendSignal(int pidfd, int signal) {
  return static_cast<int>(syscall(kPidfdSendSignal, pidfd, signal, nullptr, 0u));
}

}  // namespace mcpo::sys
