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
constexpr const char* kMasked[] = {
    "/proc/acpi",        "/proc/allocinfo",   "/proc/asound",
    "/proc/bootconfig",  "/proc/buddyinfo",   "/proc/bus",
    "/proc/cmdline",     "/proc/config.gz",   "/proc/consoles",
    "/proc/crypto",      "/proc/devices",     "/proc/diskstats",
    "/proc/dma",         "/proc/driver",      "/proc/dynamic_debug",
    "/proc/execdomains", "/proc/fs",          "/proc/interrupts",
    "/proc/iomem",       "/proc/ioports",     "/proc/irq",
    "/proc/kallsyms",    "/proc/kcore",       "/proc/key-users",
    "/proc/keys",        "/proc/kmsg",        "/proc/kpagecgroup",
    "/proc/kpagecount",  "/proc/kpageflags",  "/proc/latency_stats",
    "/proc/mdstat",      "/proc/misc",        "/proc/modules",
    "/proc/mtrr",        "/proc/page_owner",  "/proc/pagetypeinfo",
    "/proc/partitions",  "/proc/pressure",    "/proc/sched_debug",
    "/proc/schedstat",   "/proc/scsi",        "/proc/slabinfo",
    "/proc/softirqs",    "/proc/swaps",       "/proc/sysrq-trigger",
    "/proc/sysvipc",     "/proc/timer_list",  "/proc/timer_stats",
    "/proc/tty",         "/proc/vmallocinfo", "/proc/zoneinfo",
};

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
  for (const char* path : kMasked) Mask(made, path, true);
  const Fd bootId = FindTarget(root, kBootId);
  Require(bootId.get(), "proc", kBootId);
  Cover(made, bootId, "boot_id", "proc", kBootId);
}

}  // namespace mcpo
