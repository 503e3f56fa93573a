#include "terminals.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "../fd.h"
#include "../syscalls.h"
#include "detached.h"
#include "report.h"

namespace mcpo {
namespace {

// Terminals are counted for the whole host (kernel.pty.max, 4096): one server must not use them up.
constexpr const char* kMostTerminals = "64";

// An instance of its own, as each mount of devpts is. The descriptor is empty where that is refused.
Fd MakeDevpts() {
  const Fd context(sys::FsOpen("devpts"));
  if (!context) return Fd();
  Require(sys::FsSetString(context.get(), "ptmxmode", "0666"), "dev", "ptmxmode");
  Require(sys::FsSetString(context.get(), "mode", "0600"), "dev", "mode");
  Require(sys::FsSetString(context.get(), "max", kMostTerminals), "dev", "max");
  if (sys::FsCreate(context.get()) < 0) return Fd();
  // Read-only is about names and modes: terminals are made and written to all the same.
  const std::uint64_t attributes = sys::kMountReadOnly | sys::kMountNoSuid | sys::kMountNoExec;
  return Fd(Require(sys::FsMount(context.get(), attributes), "dev", "devpts"));
}

}  // namespace

void ShowTerminals(int dev) {
  const Fd terminals = MakeDevpts();
  if (!terminals) return Note("the server can open no terminals", "devpts");
  Require(mkdirat(dev, "pts", 0755), "dev", "/dev/pts");
  const Fd place(Require(openat(dev, "pts", O_PATH | O_DIRECTORY | O_CLOEXEC), "dev", "/dev/pts"));
  Attach(terminals.get(), place.get(), "dev", "/dev/pts");
  Require(symlinkat("pts/ptmx", dev, "ptmx"), "dev", "/dev/ptmx");
}

}  // namespace mcpo
