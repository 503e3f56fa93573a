#include "proc.h"

#include <cerrno>

#include "../syscalls.h"
#include "cover.h"
#include "detached.h"
#include "layers.h"
#include "report.h"
#include "target.h"

namespace mcpo {
namespace {

// Kernel addresses and memory, other users' keys, the host's command line, devices, modules and load. Absent
// ones are passed over.
constexpr const char* kMaskedFiles[] = {
    "allocinfo",     "bootconfig",    "buddyinfo",   "cmdline",     "config.gz",  "consoles",    "crypto",
    "devices",       "diskstats",     "dma",         "execdomains", "interrupts", "iomem",       "ioports",
    "kallsyms",      "kcore",         "key-users",   "keys",        "kmsg",       "kpagecgroup", "kpagecount",
    "kpageflags",    "latency_stats", "mdstat",      "misc",        "modules",    "mtrr",        "page_owner",
    "pagetypeinfo",  "partitions",    "sched_debug", "schedstat",   "slabinfo",   "softirqs",    "swaps",
    "sysrq-trigger", "timer_list",    "timer_stats", "vmallocinfo", "zoneinfo"};
constexpr const char* kMaskedFolders[] = {
    "acpi", "asound", "bus", "driver", "dynamic_debug", "fs", "irq", "pressure", "scsi", "sysvipc", "tty"};

constexpr const char* kBootId = "/proc/sys/kernel/random/boot_id";

// Read-only from the start, which kills every write below /proc/sys; where the host's own proc is read-only,
// the kernel would refuse anything else.
Fd MountProc() {
  const Fd context(Require(sys::FsOpen("proc"), "proc"));
  Require(sys::FsCreate(context.get()), "proc");
  const std::uint64_t readOnly = layers::Has(Layer::kMasks) ? sys::kMountReadOnly : 0;
  const std::uint64_t attributes = sys::kMountNoSuid | sys::kMountNoDev | sys::kMountNoExec | readOnly;
  return Fd(Require(sys::FsMount(context.get(), attributes), "proc"));
}

}  // namespace

void MakeProc(const NewRoot& made) {
  const int root = made.root.get();
  const Fd proc = MountProc();
  const Fd target = EnsureTarget(root, "/proc", TargetKind::kFolder, 0555, "proc");
  Attach(proc.get(), target.get(), "proc", "/proc");
  if (!layers::Has(Layer::kMasks)) return;
  MaskNames(made, proc, {kMaskedFiles, kMaskedFolders}, "proc");
  const Fd bootId = FindTarget(root, kBootId);
  Require(bootId.get(), "proc", kBootId);
  Cover(made, bootId, "boot_id", "proc", kBootId);
}

}  // namespace mcpo
