// One line of /proc/self/mountinfo against the plan. Pure: nothing here asks the kernel.
#pragma once

#include <cstdint>

#include "../../../core/plan.h"

namespace mcpo {

struct MountLine {
  std::uint64_t id = 0;
  const char* point = "";
  bool readOnly = false;
  bool noSuid = false;
  bool noDev = false;
};

// Reads one line (without its end) and writes over it: `point` lies in `line`. False when it is not one.
bool ParseMountLine(char* line, MountLine& mount);

// Whether `operation`, made at `target`, accounts for a mount at `point`.
bool MakesMount(const MountOperation& operation, const char* target, const char* point);

// Whether it accounts for one there that can be written.
bool MakesWritable(const MountOperation& operation, const char* target, const char* point);

// Whether it makes what is at its target read-only.
bool MakesReadOnly(const MountOperation& operation);

// Whether it covers what was at `path` before it by something else.
bool Hides(const MountOperation& operation, const char* path);

// One of the device nodes of /dev, which are mounts, or the file system of the server's own terminals.
bool IsDeviceNode(const char* point);

}  // namespace mcpo
