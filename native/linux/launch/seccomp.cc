#include "seccomp.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "../seccomp/told.h"
#include "report.h"
#include "tell.h"

namespace mcpo {
namespace {

static_assert(sizeof(FilterInstruction) == sizeof(sock_filter) &&
              alignof(FilterInstruction) == alignof(sock_filter));

// Linux 5.19: once a call was received, only a fatal signal ends its wait.
constexpr unsigned kWaitKillable = 1u << 5;

int Install(const List<FilterInstruction>& filter, unsigned flags) {
  sock_fprog program{};
  program.len = static_cast<unsigned short>(filter.size);
  program.filter = reinterpret_cast<sock_filter*>(filter.data);
  return static_cast<int>(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

bool IsToldReturn(const FilterInstruction& instruction) {
  return instruction.code == (BPF_RET | BPF_K) && seccomp::IsTold(instruction.operand);
}

// Of this start alone, and gone with the exec: who knew it could try refused calls unheard.
std::uint32_t mark = seccomp::kMark;

void WriteMark(const List<FilterInstruction>& filter) {
  if (filter.size < seccomp::kMarkFromEnd) return;
  FilterInstruction& comparison = filter.data[filter.size - seccomp::kMarkFromEnd];
  if (comparison.code != (BPF_JMP | BPF_JEQ | BPF_K) || comparison.operand != seccomp::kMark) return;
  if (getrandom(&mark, sizeof mark, 0) != sizeof mark) Fail("seccomp", "mark");
  comparison.operand = mark;
}

bool Tells(const List<FilterInstruction>& filter) {
  for (const FilterInstruction& instruction : filter) {
    if (IsToldReturn(instruction)) return true;
  }
  return false;
}

// The listener, or -1 with errno: EBUSY when a filter around this sandbox has one (a kernel gives one to a
// tree of processes), EINVAL before Linux 5.0.
int InstallListening(const List<FilterInstruction>& filter) {
  const int listener = Install(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER | kWaitKillable);
  if (listener >= 0 || errno != EINVAL) return listener;
  return Install(filter, SECCOMP_FILTER_FLAG_NEW_LISTENER);
}

}  // namespace

void InstallFilter(const List<FilterInstruction>& filter) {
  if (filter.size == 0) FailWith("seccomp", EINVAL, "empty filter");
  Require(Install(filter, 0), "seccomp");
}

void InstallServerFilter(const List<FilterInstruction>& filter) {
  if (!Tells(filter)) return InstallFilter(filter);
  WriteMark(filter);
  const int listener = InstallListening(filter);
  if (listener >= 0) {
    SendToGateway(told::Message::kFilter, &listener, 1, "seccomp");
    close(listener);
    return;
  }
  Note("system calls that are refused will not be told", "seccomp user notification");
  for (FilterInstruction& instruction : filter) {
    if (IsToldReturn(instruction)) instruction.operand = seccomp::Untold(instruction.operand);
  }
  InstallFilter(filter);
}

long UnheardCall(long number, long first, long second, long third, long fourth, long fifth) {
  return syscall(number, first, second, third, fourth, fifth, static_cast<long>(mark));
}

}  // namespace mcpo
