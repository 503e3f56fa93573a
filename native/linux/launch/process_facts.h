// What the kernel says about a process, from the text of its files in proc(5). Names in it are the process's
// to choose.
#pragma once

#include <cstdint>

namespace mcpo {

struct CpuTicks {
  // Its own, of all its threads.
  std::int64_t own = 0;
  // Of its children that ended and were waited for, and of theirs.
  std::int64_t waitedFor = 0;
};

// Of /proc/PID/stat. False for a text that is not whole.
bool ReadCpuTicks(const char* stat, CpuTicks& ticks);

// The number in the line `name: number kB` of /proc/PID/status or smaps_rollup. False without such a line.
bool ReadKb(const char* text, const char* name, std::int64_t& kb);

}  // namespace mcpo
