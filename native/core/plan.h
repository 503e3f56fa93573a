// The plan as C++ sees it: lib/policy/plan.ts, field by field. Plain data that owns nothing; the addon points
// it at its own strings, the launcher at the mapped plan. Usable without the standard library's run time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mcpo {

// Bytes followed by a NUL that `size` does not count. As a Text it has no NUL inside and is a C string.
struct Text {
  const char* data = "";
  std::uint32_t size = 0;
};

// A list over memory that somebody else owns.
template <class T>
struct List {
  T* data = nullptr;
  std::uint32_t size = 0;

  T* begin() const { return data; }
  T* end() const { return data + size; }
};

enum class RootKind : std::uint8_t { kMinimal, kHostReadOnly, kHostReadWrite, kCount };

enum class MountKind : std::uint8_t {
  kTmpfs,
  kDir,
  kFile,
  kSymlink,
  kBind,
  kDev,
  kProc,
  kReadOnly,
  kPin,
  kMask,
  kGuard,
  kCount
};

// One operation of lib/policy/plan.ts. What a kind does not use stays empty.
struct MountOperation {
  MountKind kind = MountKind::kDir;
  Text source;   // bind: path on the host; symlink: what it points to
  Text target;   // path inside the sandbox
  Text content;  // file, guard: any bytes
  std::uint64_t sizeBytes = 0;
  std::uint32_t inodes = 0;
  std::uint32_t mode = 0;
  bool readOnly = false;
  bool idmap = false;
  bool optional = false;
};

struct LandlockRule {
  Text path;
  std::uint64_t access = 0;
};

struct LandlockPlan {
  bool enabled = false;
  std::uint64_t handledFs = 0;
  std::uint64_t scoped = 0;
  List<LandlockRule> rules;
};

enum class Resource : std::uint8_t {
  kCore,
  kNproc,
  kNofile,
  kSigpending,
  kMsgqueue,
  kMemlock,
  kFsize,
  kNice,
  kRtprio,
  kData,
  kStack,
  kCount
};

struct ResourceLimit {
  Resource resource = Resource::kCore;
  // What it starts with, and what it may raise that to.
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

// Limits that no control group holds: pid 1 of the sandbox does, by looking. 0: not watched.
struct WatchPlan {
  std::uint32_t cpuPercent = 0;
  std::uint32_t memoryMb = 0;
};

// Listeners in the server's own network namespace, on which the gateway serves it the world by name.
struct EgressPlan {
  bool enabled = false;
  // On each address of the namespace.
  List<std::uint32_t> ports;
  // `address/bits`: addresses that become the namespace's own, so that who connects to them finds a listener.
  List<Text> routes;
};

// Same layout as the kernel's struct sock_filter, so that core needs no kernel header.
struct FilterInstruction {
  std::uint16_t code = 0;
  std::uint8_t jumpTrue = 0;
  std::uint8_t jumpFalse = 0;
  std::uint32_t operand = 0;
};

struct Plan {
  Text hostname;
  bool hasHostUid = false;
  std::uint32_t hostUid = 0;
  // A user namespace of its own; without one the server is `hostUid` inside too, and nothing is id-mapped.
  bool userNamespace = true;
  bool shareNetwork = false;
  EgressPlan egress;
  RootKind root = RootKind::kMinimal;
  List<MountOperation> mounts;
  LandlockPlan landlock;
  List<ResourceLimit> rlimits;
  WatchPlan watch;
  Text executable;
  List<Text> argv;
  List<Text> environment;
  Text cwd;
  bool dryRun = false;
  // No sandbox is built: this process's user and network namespaces are entered for the listeners of `egress`
  // alone. 0: none.
  std::uint32_t enteredPid = 0;
  // Added by the addon: what the server and pid 1 of the sandbox may ask of the kernel.
  List<FilterInstruction> serverFilter;
  List<FilterInstruction> initFilter;
};

// Caps, checked when encoding and again when decoding.
inline constexpr std::size_t kMaxPlanBytes = 4u << 20;
inline constexpr std::uint32_t kMaxMounts = 1024;
inline constexpr std::uint32_t kMaxLandlockRules = 1024;
inline constexpr std::uint32_t kMaxResourceLimits = 16;
inline constexpr std::uint32_t kMaxEgressPorts = 64;
inline constexpr std::uint32_t kMaxEgressRoutes = 256;
inline constexpr std::uint32_t kMaxArguments = 4096;
inline constexpr std::uint32_t kMaxEnvironment = 4096;
inline constexpr std::uint32_t kMaxFilterInstructions = 4096;

// Room for the lists of a decoded plan. About 250 KiB: keep it in static storage.
struct PlanStorage {
  MountOperation mounts[kMaxMounts];
  LandlockRule landlockRules[kMaxLandlockRules];
  ResourceLimit rlimits[kMaxResourceLimits];
  std::uint32_t egressPorts[kMaxEgressPorts];
  Text egressRoutes[kMaxEgressRoutes];
  Text argv[kMaxArguments];
  Text environment[kMaxEnvironment];
  FilterInstruction serverFilter[kMaxFilterInstructions];
  FilterInstruction initFilter[kMaxFilterInstructions];
};

}  // namespace mcpo
